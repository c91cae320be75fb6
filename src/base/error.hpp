#pragma once
/// The one error type that crosses module borders.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace adaos {

/// What went wrong (`code`, for programs) and where (`context`, for people).
///
/// `context` may reach a log or a terminal: it never holds a join code, a token, a key or a body.
struct Error {
    boost::system::error_code code;
    std::string context;
    /// When it may work again, if that is known; 0: nobody knows.
    int retry_after_seconds = 0;

    Error() = default;  // boost::system::result::error() needs it; means success
    Error(boost::system::error_code c, std::string ctx = {}) : code(c), context(std::move(ctx)) {}
    /// From any registered error enum: `Error(Problem::code_used, "redeem")`.
    template <class E>
    requires boost::system::is_error_code_enum<E>::value Error(E e, std::string ctx = {})
        : code(make_error_code(e)), context(std::move(ctx)) {}

    /// "redeem grant: the join code has expired".
    [[nodiscard]] std::string message() const;
};

/// A value or an Error. Like `std::expected`, which gcc 12 has only in C++23 mode.
template <class T>
using Result = boost::system::result<T, Error>;

/// Puts `what` in front of the context, innermost last: "join: redeem grant: ...".
[[nodiscard]] Error with_context(Error e, std::string_view what);

/// Called by `Result::value()` on an error. Reaching it is a bug in the caller.
[[noreturn]] void throw_exception_from_error(Error const& e, boost::source_location const& where);

}  // namespace adaos
