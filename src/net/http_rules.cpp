#include "net/http_rules.hpp"

#include "base/bytes.hpp"
#include "net/http_codec.hpp"
#include "net/http_grammar.hpp"

#include <algorithm>

namespace adaos::net {
namespace {

class HttpCategory final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "http"; }
    std::string message(int value) const override {
        switch (static_cast<HttpErrc>(value)) {
            case HttpErrc::bad_message: return "not valid HTTP, or ambiguous";
            case HttpErrc::head_too_large: return "the head is too large";
            case HttpErrc::unsupported: return "not supported";
            case HttpErrc::partial_message: return "the stream ended inside a message";
            case HttpErrc::body_mismatch: return "the body does not have its declared length";
        }
        return "unknown HTTP error " + std::to_string(value);
    }
};

bool is_digits(std::string_view text) {
    return !text.empty() && text.size() <= 19 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t count(Fields const& fields, std::string_view name) {
    return static_cast<std::size_t>(
        std::count_if(fields.all().begin(), fields.all().end(),
                      [name](Field const& f) { return equal_ignoring_case(f.name, name); }));
}

bool is_host(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c <= '~' && std::string_view("/?#@\\,").find(c) == std::string_view::npos;
    });
}

}  // namespace

boost::system::error_code make_error_code(HttpErrc e) noexcept {
    static HttpCategory const category;
    return {static_cast<int>(e), category};
}

bool has_clean_names(std::string_view head) {
    auto at = head.find("\r\n") + 2;
    while (at + 2 < head.size()) {
        auto const line = head.substr(at, head.find("\r\n", at) - at);
        if (!is_token(line.substr(0, line.find(':')))) return false;
        if (line.find(':') == std::string_view::npos) return false;
        at += line.size() + 2;
    }
    return true;
}

Result<void> check_request(std::string_view method, std::string_view target, Fields const& fields,
                           unsigned version) {
    if (method == "CONNECT" || method == "TRACE")
        return Error(HttpErrc::unsupported, "method " + std::string(method));
    if (!is_origin_form(target)) return Error(HttpErrc::bad_message, "the request's target");
    auto const hosts = count(fields, "Host");
    if (hosts > 1 || (hosts == 0 && version >= 11))
        return Error(HttpErrc::bad_message, "Host must be there once");
    if (hosts == 1 && !is_host(*fields.find("Host"))) return Error(HttpErrc::bad_message, "Host");
    return {};
}

Result<void> check_status(unsigned status) {
    if (status < 100 || status > 599)
        return Error(HttpErrc::bad_message, "status " + std::to_string(status));
    return {};
}

Result<Framing> declared_framing(Fields const& fields, unsigned version) {
    using Kind = Framing::Kind;
    auto const lengths = count(fields, "Content-Length");
    auto const codings = count(fields, "Transfer-Encoding");
    if (lengths + codings > 1)
        return Error(HttpErrc::bad_message, "more than one length of the body");
    if (codings == 1) {
        if (version < 11) return Error(HttpErrc::bad_message, "HTTP/1.0 with a transfer coding");
        if (!equal_ignoring_case(*fields.find("Transfer-Encoding"), "chunked"))
            return Error(HttpErrc::bad_message, "a transfer coding that is not chunked");
        return Framing{Kind::chunked, 0};
    }
    if (lengths == 1) {
        auto const& digits = *fields.find("Content-Length");
        if (!is_digits(digits)) return Error(HttpErrc::bad_message, "Content-Length");
        return Framing{Kind::length, std::stoull(digits)};
    }
    return Framing();
}

}  // namespace adaos::net
