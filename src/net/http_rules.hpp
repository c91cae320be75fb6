#pragma once
/// What Beast forgives and we do not (threats 37-40), as pure checks of what it found. Internal to
/// net.

#include "base/error.hpp"
#include "net/http_message.hpp"

#include <string_view>

namespace adaos::net {

/// Every line after the first is a token, at once a colon, then anything. `section` ends with CRLF.
[[nodiscard]] bool has_clean_names(std::string_view section);

/// Method, origin-form target and Host. Errors: HttpErrc::bad_message, unsupported.
[[nodiscard]] Result<void> check_request(std::string_view method, std::string_view target,
                                         Fields const& fields, unsigned version);
[[nodiscard]] Result<void> check_status(unsigned status);

/// The one way in which the fields declare a body; Kind::none when they do not. Errors:
/// HttpErrc::bad_message for more than one, an odd one, or a coding from HTTP/1.0.
[[nodiscard]] Result<Framing> declared_framing(Fields const& fields, unsigned version);

}  // namespace adaos::net
