#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/http_client.hpp"
#include "net/http_grammar.hpp"

#include <algorithm>

namespace adaos::net {
namespace {

std::uint16_t default_port(std::string_view scheme) {
    return scheme == "https" ? std::uint16_t{443} : std::uint16_t{80};
}

std::string in_brackets(std::string const& host) {
    return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

Error refused(std::string_view text, std::string_view why) {
    return Error(Problem::invalid_field, "URL " + std::string(text) + ": " + std::string(why));
}

bool is_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

/// Characters only; whether it is an address, connecting will tell.
bool is_ip6(std::string_view host) {
    return host.find(':') != std::string_view::npos &&
           host.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

/// 1 to 65535 in decimal; 0 for anything else.
std::uint16_t read_port(std::string_view digits) {
    if (digits.empty() || digits.size() > 5) return 0;
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return 0;
    auto const value = std::stoul(std::string(digits));
    return value <= 65535 ? static_cast<std::uint16_t>(value) : std::uint16_t{0};
}

}  // namespace

std::string Url::authority() const {
    auto out = in_brackets(host);
    if (port != default_port(scheme)) out += ':' + std::to_string(port);
    return out;
}

std::string Url::origin() const {
    return scheme + "://" + authority();
}

Result<Url> parse_url(std::string_view text) {
    auto const mark = text.find("://");
    if (mark == std::string_view::npos) return refused(text, "it starts with http:// or https://");
    Url url;
    url.scheme = to_lower(text.substr(0, mark));
    if (url.scheme != "http" && url.scheme != "https")
        return refused(text, "it starts with http:// or https://");
    auto rest = text.substr(mark + 3);
    auto authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    // Not repeated in the message: it may hold a password.
    if (authority.find('@') != std::string_view::npos)
        return Error(Problem::invalid_field, "a URL with a user part is not allowed");

    auto const bracket = authority.rfind(']');
    auto const colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.port = default_port(url.scheme);
    if (colon != std::string_view::npos) {
        url.port = read_port(authority.substr(colon + 1));
        if (url.port == 0) return refused(text, "a port is a number from 1 to 65535");
        authority = authority.substr(0, colon);
    }
    url.host = to_lower(authority);
    bool good = false;
    if (url.host.size() > 2 && url.host.front() == '[' && url.host.back() == ']') {
        url.host = url.host.substr(1, url.host.size() - 2);
        good = is_ip6(url.host);
    } else {
        good = is_name(url.host);
    }
    if (!good) return refused(text, "the host is not a name or an address");

    rest = rest.substr(0, rest.find('#'));
    url.path = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
    if (!is_origin_form(url.path)) return refused(text, "the path holds a character to be escaped");
    return url;
}

}  // namespace adaos::net
