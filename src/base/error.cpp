#include "base/error.hpp"

#include <stdexcept>

namespace adaos {

std::string Error::message() const {
    if (context.empty()) return code.message();
    return context + ": " + code.message();
}

Error with_context(Error e, std::string_view what) {
    e.context = e.context.empty() ? std::string(what) : std::string(what) + ": " + e.context;
    return e;
}

void throw_exception_from_error(Error const& e, boost::source_location const&) {
    throw std::logic_error("value() of an error: " + e.message());
}

}  // namespace adaos
