#pragma once
/// Characters of RFC 9110 and 9112, and lines as strictly as we read them. Pure; internal to net.

#include <cstddef>
#include <string_view>

namespace adaos::net {

[[nodiscard]] inline bool is_token_char(char c) noexcept {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
[[nodiscard]] inline bool is_token(std::string_view text) noexcept {
    for (char const c : text)
        if (!is_token_char(c)) return false;
    return !text.empty();
}
/// Below space, or DEL. Bytes from 0x80 on are allowed in field values (obs-text).
[[nodiscard]] inline bool is_control(char c) noexcept {
    auto const u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7f;
}
/// May stand in a field value or a reason: no control bytes but the tab.
[[nodiscard]] inline bool is_field_text(std::string_view text) noexcept {
    for (char const c : text)
        if (is_control(c) && c != '\t') return false;
    return true;
}
/// Origin-form: starts with '/', visible ASCII only, no fragment.
[[nodiscard]] inline bool is_origin_form(std::string_view target) noexcept {
    if (target.empty() || target.front() != '/') return false;
    for (char const c : target)
        if (c <= ' ' || c > '~' || c == '#') return false;
    return true;
}

/// Finds the empty line that ends a head or a trailer section, and refuses on the way what no line
/// may hold: bare CR or LF, control bytes, a folded line.
class LineScan {
public:
    enum class Seen { more, end, bad };
    /// `lines` is 1 when the section may be empty (trailers), 0 when it begins with a start line.
    explicit LineScan(std::size_t lines) noexcept : lines_(lines) {}

    [[nodiscard]] Seen step(char c) noexcept {
        if (cr_) {
            if (c != '\n') return Seen::bad;
            cr_ = false;
            if (column_ == 0) return lines_ == 0 ? Seen::bad : Seen::end;
            ++lines_;
            column_ = 0;
            return Seen::more;
        }
        if (c == '\r') {
            cr_ = true;
            return Seen::more;
        }
        if (is_control(c) && c != '\t') return Seen::bad;
        if (column_ == 0 && (c == ' ' || c == '\t')) return Seen::bad;
        ++column_;
        return Seen::more;
    }
    /// Full lines seen, the start line (or its stand-in) included.
    [[nodiscard]] std::size_t lines() const noexcept { return lines_; }

private:
    std::size_t lines_;
    std::size_t column_ = 0;
    bool cr_ = false;
};

}  // namespace adaos::net
