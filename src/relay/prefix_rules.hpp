#pragma once
/// What must change in an answer whose origin does not know the path it is seen under. Pure.
/// Bodies are never touched; an application that writes absolute paths into pages reads
/// X-Forwarded-Prefix, or is given a host name of its own.

#include "net/http_message.hpp"

#include <string>
#include <string_view>

namespace adaos::relay {

/// Where a service is seen from outside, and where it believes to be.
struct Seen {
    std::string prefix;     ///< "/hubs/sn_…/svc/blog": no slash at its end
    std::string origin;     ///< "https://root.example"; empty when nobody told
    std::string authority;  ///< of the service itself: "127.0.0.1:3000"; empty for a unix socket
};

/// For a service: `Location`, `Content-Location`, `Refresh` and the path of cookies lead to where
/// the service is seen. What leads there already, or to somebody else, stays.
void translate_answer(net::ResponseHead& head, Seen const& seen);

/// For whatever a subnet answers under a host that others share: a cookie reaches no path but the
/// subnet's (`prefix`, no slash at its end) and no other host; `Clear-Site-Data` goes, and a
/// service worker is allowed below `prefix` at most. `path`: of the request, for a cookie without
/// one (RFC 6265, section 5.1.4).
void pin_answer(net::ResponseHead& head, std::string_view prefix, std::string_view path);

/// True for `prefix` itself and what is below it.
[[nodiscard]] bool is_below(std::string_view path, std::string_view prefix) noexcept;

}  // namespace adaos::relay
