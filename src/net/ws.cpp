#include "net/ws.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "net/http_client.hpp"
#include "net/http_problem.hpp"
#include "net/ws_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>

namespace adaos::net {
namespace {

/// An answer that is no 101 is read this far for its problem+json.
constexpr std::size_t most_refusal = 64 * 1024;

/// 16 bytes in base64.
bool is_ws_key(std::string_view key) {
    return key.size() == 24 && key.ends_with("==") &&
           std::all_of(key.begin(), key.end() - 2, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '/';
           });
}

/// Why a request is no proper upgrade, and with which status that is told; status 0: it is one.
struct Refusal {
    unsigned status = 0;
    char const* why = "";
};

Refusal judge(RequestHead const& request, Framing framing) {
    auto const& f = request.fields;
    if (!f.has_token("Upgrade", "websocket")) return {426, "this is a WebSocket endpoint"};
    if (request.method != "GET") return {400, "an upgrade that is not a GET"};
    if (!f.has_token("Connection", "Upgrade")) return {400, "Connection without Upgrade"};
    if (framing.kind != Framing::Kind::none && framing != Framing{Framing::Kind::length, 0})
        return {400, "an upgrade with a body"};
    auto const* const version = f.find("Sec-WebSocket-Version");
    if (version == nullptr || *version != "13") return {426, "Sec-WebSocket-Version is not 13"};
    auto const* const key = f.find("Sec-WebSocket-Key");
    if (key == nullptr || !is_ws_key(*key)) return {400, "Sec-WebSocket-Key"};
    return {};
}

Task<Error> refuse(Exchange& exchange, Refusal refusal) {
    Error error(Problem::bad_request, refusal.why);
    Fields extra;
    if (refusal.status == 426) {
        extra.add("Upgrade", "websocket");
        extra.add("Connection", "Upgrade");
        extra.add("Sec-WebSocket-Version", "13");
    }
    auto const body = problem_body(error, refusal.status, extra);
    auto head = problem_head(refusal.status, std::move(extra));
    Framing const framing{Framing::Kind::length, body.size()};
    auto const sent = co_await exchange.respond_with(std::move(head), framing, as_bytes(body));
    Fields none;
    if (sent) {
        (void)co_await exchange.finish(std::move(none));
    }
    co_return error;
}

RequestHead upgrade_request(std::string host, std::string target, Fields const& fields,
                            std::string const& key) {
    RequestHead head;
    head.method = "GET";
    head.target = std::move(target);
    if (fields.find("Host") == nullptr) head.fields.add("Host", std::move(host));
    head.fields.add("Upgrade", "websocket");
    head.fields.add("Connection", "Upgrade");
    head.fields.add("Sec-WebSocket-Version", "13");
    head.fields.add("Sec-WebSocket-Key", key);
    for (auto const& f : fields.all()) head.fields.add(f.name, f.value);
    return head;
}

/// Empty when `head` is the 101 that `request` asked for.
std::string fault_of(ResponseHead const& head, Fields const& asked, std::string const& key) {
    auto const& f = head.fields;
    if (!f.has_token("Upgrade", "websocket") || !f.has_token("Connection", "Upgrade"))
        return "a 101 without Upgrade";
    auto const* const accept = f.find("Sec-WebSocket-Accept");
    if (accept == nullptr || *accept != ws_accept_key(key)) return "Sec-WebSocket-Accept";
    if (f.find("Sec-WebSocket-Extensions") != nullptr) return "an extension nobody asked for";
    auto const* const protocol = f.find("Sec-WebSocket-Protocol");
    if (protocol != nullptr && !asked.has_token("Sec-WebSocket-Protocol", *protocol))
        return "a protocol nobody asked for";
    return {};
}

/// What an answer other than 101 means.
Task<Error> read_refusal(HttpClient& client, ResponseHead head) {
    auto context = "status " + std::to_string(head.status);
    auto const body = co_await read_body(client.body(), most_refusal);
    auto const* const type = head.fields.find("Content-Type");
    std::optional<RemoteProblem> problem;
    if (body && type != nullptr && type->starts_with("application/problem+json"))
        problem = read_problem(*body);
    if (!problem) co_return Error(Problem::bad_answer, context);
    if (!problem->code.empty()) context += ", " + problem->code;
    if (!problem->detail.empty()) context += ", " + problem->detail;
    for (auto const known : {Problem::hub_offline, Problem::subnet_unknown}) {
        auto const& info = describe(make_error_code(known));
        if (info.http_status == head.status && info.id == problem->code)
            co_return Error(known, context);
    }
    co_return Error(Problem::bad_answer, context);
}

}  // namespace

Task<Result<StreamPtr>> ws_accept(Exchange& exchange) {
    auto const loop = co_await boost::asio::this_coro::executor;
    auto const refusal = judge(exchange.request(), exchange.request_framing());
    if (refusal.status != 0) co_return co_await refuse(exchange, refusal);
    ResponseHead head;
    head.status = 101;
    head.fields.add("Upgrade", "websocket");
    head.fields.add("Connection", "Upgrade");
    head.fields.add("Sec-WebSocket-Accept",
                    ws_accept_key(*exchange.request().fields.find("Sec-WebSocket-Key")));
    auto raw = co_await exchange.upgrade(std::move(head));
    if (!raw) co_return raw.error();
    co_return make_ws_stream(std::move(*raw), WsCodec::Role::server, loop);
}

Task<Result<StreamPtr>> ws_connect(StreamPtr stream, std::string host, std::string target,
                                   Fields fields) {
    auto const loop = co_await boost::asio::this_coro::executor;
    std::array<std::byte, 16> raw_key{};
    SystemRandom().fill(raw_key);
    auto const key = to_base64(raw_key);
    HttpClient client(std::move(stream));
    auto request = upgrade_request(std::move(host), std::move(target), fields, key);
    auto const sent = co_await client.send(std::move(request), std::string());
    if (!sent) co_return sent.error();
    ResponseHead head;
    do {
        auto answer = co_await client.read_head();
        if (!answer) {
            bool const http =
                answer.error().code.category() == make_error_code(HttpErrc::bad_message).category();
            if (http) co_return Error(Problem::bad_answer, answer.error().message());
            if (answer.error().code == boost::asio::error::eof)
                co_return Error(Problem::unreachable, "the connection ended before the answer");
            co_return answer.error();
        }
        head = std::move(*answer);
    } while (head.status < 200 && head.status != 101);
    if (head.status != 101) co_return co_await read_refusal(client, std::move(head));
    auto const fault = fault_of(head, fields, key);
    if (!fault.empty()) co_return Error(Problem::bad_answer, fault);
    co_return make_ws_stream(client.take_stream(), WsCodec::Role::client, loop);
}

}  // namespace adaos::net
