#include "net/http_problem.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/http_session.hpp"

#include <algorithm>

namespace adaos::net {
namespace {

/// The id comes last. Relative to what was asked (RFC 9457, 3.1.1): whoever answered serves that
/// page, or Root above it.
constexpr std::string_view type_prefix = "/errors/";

void append_json(std::string& out, std::string_view text) {
    static constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (char const c : text) {
        auto const u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (u < 0x20 || u >= 0x7f) {
            // Context can hold a peer's bytes in any encoding: each is shown as Latin-1.
            out += "\\u00";
            out += hex[u >> 4];
            out += hex[u & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out += ",\"";
    out += name;
    out += "\":";
    append_json(out, value);
}

}  // namespace

Error as_problem(Error error) {
    if (error.code == HttpErrc::head_too_large)
        return Error(Problem::head_too_large, std::move(error.context));
    if (error.code.category() == make_error_code(HttpErrc::bad_message).category())
        return Error(Problem::bad_request, std::move(error.context));
    return error;
}

std::string problem_body(Error const& error, unsigned status, Fields const& extra) {
    auto const& info = describe(error.code);
    std::string out = "{\"type\":";
    append_json(out, std::string(type_prefix).append(info.id));
    append_member(out, "title", info.title);
    out += ",\"status\":" + std::to_string(status);
    if (!error.context.empty()) append_member(out, "detail", error.context);
    append_member(out, "code", info.id);
    append_member(out, "next", info.next);
    auto const* const retry = extra.find("Retry-After");
    bool const seconds =
        retry != nullptr && !retry->empty() && retry->size() < 10 &&
        std::all_of(retry->begin(), retry->end(), [](char c) { return c >= '0' && c <= '9'; });
    if (seconds) out += ",\"retry_after_seconds\":" + std::to_string(std::stoul(*retry));
    return out + "}";
}

/// Seconds, when nobody knows better.
constexpr std::string_view retry_after = "2";

ResponseHead problem_head(unsigned status, Fields extra) {
    ResponseHead head;
    head.status = status;
    head.fields.add("Content-Type", "application/problem+json");
    head.fields.add("Cache-Control", "no-store");
    if (status == 401 && extra.find("WWW-Authenticate") == nullptr)
        head.fields.add("WWW-Authenticate", "Bearer realm=\"adaos\"");
    for (auto const& f : extra.all()) head.fields.add(f.name, f.value);
    return head;
}

std::string problem_json(Error const& error) {
    return problem_body(error, describe(error.code).http_status, Fields());
}

Task<Result<void>> Exchange::respond_with(ResponseHead head, Framing framing,
                                          std::span<std::byte const> first) {
    auto const sent = co_await respond(std::move(head), framing);
    if (!sent || first.empty()) co_return sent;
    co_return co_await write(first);
}

Task<Result<void>> respond_whole(Exchange& exchange, ResponseHead head, std::string body) {
    Framing const framing{Framing::Kind::length, body.size()};
    auto const sent = co_await exchange.respond_with(std::move(head), framing, as_bytes(body));
    if (!sent) co_return sent;
    Fields none;
    co_return co_await exchange.finish(std::move(none));
}

Task<Result<void>> respond_text(Exchange& exchange, unsigned status, std::string content_type,
                                std::string body) {
    ResponseHead head;
    head.status = status;
    head.fields.add("Content-Type", std::move(content_type));
    co_return co_await respond_whole(exchange, std::move(head), std::move(body));
}

/// What a server of ours tells is so now, and is often a secret: no cache keeps any of it.
Task<Result<void>> respond_json(Exchange& exchange, unsigned status, std::string json) {
    ResponseHead head;
    head.status = status;
    head.fields.add("Content-Type", "application/json");
    head.fields.add("Cache-Control", "no-store");
    co_return co_await respond_whole(exchange, std::move(head), std::move(json));
}

Task<Result<void>> respond_problem(Exchange& exchange, Error error, Fields extra) {
    error = as_problem(std::move(error));
    auto const status = describe(error.code).http_status;
    co_return co_await respond_problem_as(exchange, status, std::move(error), std::move(extra));
}

Task<Result<void>> respond_problem_as(Exchange& exchange, unsigned status, Error error,
                                      Fields extra) {
    bool const passes = status == 429 || status == 503;
    if (passes && extra.find("Retry-After") == nullptr)
        extra.add("Retry-After", std::string(retry_after));
    auto body = problem_body(error, status, extra);
    auto head = problem_head(status, std::move(extra));
    co_return co_await respond_whole(exchange, std::move(head), std::move(body));
}

Task<Result<std::string>> read_body(BodyReader& body, std::size_t limit) {
    std::string all;
    Bytes buffer(std::min<std::size_t>(limit + 1, std::size_t{16} * 1024));
    for (;;) {
        auto const got = co_await body.read_some(buffer);
        if (!got) co_return as_problem(got.error());
        if (*got == 0) co_return all;
        if (*got > limit - all.size())
            co_return Error(Problem::body_too_large,
                            "more than " + std::to_string(limit) + " bytes");
        all += as_text(std::span(buffer).first(*got));
    }
}

}  // namespace adaos::net
