#include "api/openapi.hpp"

#include "openapi_text.hpp"

namespace adaos::api {

std::string openapi_text() {
    std::string out;
    for (auto const* const piece : openapi_pieces) out += piece;
    return out;
}

}  // namespace adaos::api
