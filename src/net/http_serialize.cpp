#include "base/bytes.hpp"
#include "net/http_codec.hpp"
#include "net/http_grammar.hpp"

namespace adaos::net {
namespace {

bool is_framing_field(std::string_view name) {
    return equal_ignoring_case(name, "Content-Length") ||
           equal_ignoring_case(name, "Transfer-Encoding");
}

Result<void> append_fields(std::string& out, Fields const& fields, Framing framing) {
    for (auto const& f : fields.all()) {
        if (!is_token(f.name)) return Error(HttpErrc::bad_message, "a field name of our own");
        if (!is_field_text(f.value)) return Error(HttpErrc::bad_message, "field " + f.name);
        if (is_framing_field(f.name)) continue;
        out.append(f.name).append(": ").append(f.value).append("\r\n");
    }
    if (framing.kind == Framing::Kind::length)
        out.append("Content-Length: ").append(std::to_string(framing.length)).append("\r\n");
    if (framing.kind == Framing::Kind::chunked) out.append("Transfer-Encoding: chunked\r\n");
    out.append("\r\n");
    return {};
}

std::size_t size_of(Fields const& fields) {
    std::size_t size = 128;  // start line and framing
    for (auto const& f : fields.all()) size += f.name.size() + f.value.size() + 4;
    return size;
}

}  // namespace

Result<std::string> serialize(RequestHead const& head, Framing framing) {
    if (!is_token(head.method)) return Error(HttpErrc::bad_message, "a method of our own");
    if (!is_origin_form(head.target)) return Error(HttpErrc::bad_message, "a target of our own");
    std::string out;
    out.reserve(size_of(head.fields) + head.target.size());
    out.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
    auto const done = append_fields(out, head.fields, framing);
    if (!done) return done.error();
    return out;
}

Result<std::string> serialize(ResponseHead const& head, Framing framing) {
    if (head.status < 100 || head.status > 999)
        return Error(HttpErrc::bad_message, "a status of our own");
    if (!is_field_text(head.reason)) return Error(HttpErrc::bad_message, "a reason of our own");
    std::string out;
    out.reserve(size_of(head.fields));
    out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ");
    if (head.reason.empty())
        out.append(standard_reason(head.status));
    else
        out.append(head.reason);
    out.append("\r\n");
    auto const done = append_fields(out, head.fields, framing);
    if (!done) return done.error();
    return out;
}

std::string chunk_prefix(std::size_t size) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string reversed;
    do {
        reversed += digits[size & 15];
        size >>= 4;
    } while (size != 0);
    return std::string(reversed.rbegin(), reversed.rend()) + "\r\n";
}

std::string last_chunk(Fields const& trailers) {
    std::string out = "0\r\n";
    // Trailers are a courtesy: one that could break the framing is left out.
    for (auto const& f : trailers.all())
        if (is_token(f.name) && is_field_text(f.value) && !is_framing_field(f.name))
            out.append(f.name).append(": ").append(f.value).append("\r\n");
    return out + "\r\n";
}

}  // namespace adaos::net
