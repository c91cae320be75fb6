#include "base/bytes.hpp"
#include "relay/forwarder.hpp"

namespace adaos::relay {
namespace {

/// "." or ".." in any spelling that some server would read as one.
bool is_dot_segment(std::string_view segment) {
    std::string plain;
    for (std::size_t i = 0; i < segment.size();) {
        if (segment.size() - i >= 3 && equal_ignoring_case(segment.substr(i, 3), "%2e")) {
            plain += '.';
            i += 3;
        } else {
            plain += segment[i++];
        }
    }
    return plain == "." || plain == "..";
}

}  // namespace

bool is_clean_path(std::string_view path) {
    if (path.empty() || path.front() != '/') return false;
    if (path.size() > 1 && path[1] == '/') return false;
    for (char const c : path) {
        auto const u = static_cast<unsigned char>(c);
        if (u <= 0x20 || u == 0x7f || c == '\\' || c == '#') return false;
    }
    for (std::size_t at = 1; at <= path.size();) {
        auto const end = std::min(path.find('/', at), path.size());
        auto const segment = path.substr(at, end - at);
        if (is_dot_segment(segment)) return false;
        // ";" starts a path parameter that some servers cut off before they look for "..".
        if (auto const semi = segment.find(';');
            semi != std::string_view::npos && is_dot_segment(segment.substr(0, semi)))
            return false;
        at = end + 1;
    }
    return true;
}

}  // namespace adaos::relay
