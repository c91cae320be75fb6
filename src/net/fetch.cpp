#include "net/fetch.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/tls_mutual.hpp"

#include <algorithm>

namespace adaos::net {
namespace {

/// The table's own problems stay; anything else the connection did is one of two.
Error as_fetch_error(Error error, bool timed_out, Url const& url) {
    auto const where = url.origin();
    if (timed_out) return Error(Problem::timed_out, where);
    auto const& category = error.code.category();
    if (category == make_error_code(Problem::internal).category() &&
        error.code != Problem::bad_request && error.code != Problem::body_too_large &&
        error.code != Problem::head_too_large)
        return with_context(std::move(error), where);
    if (category == make_error_code(HttpErrc::bad_message).category() ||
        category == make_error_code(Problem::internal).category())
        return Error(Problem::bad_answer, where + ": " + error.message());
    return Error(Problem::unreachable, where + ": " + error.message());
}

Task<Result<StreamPtr>> secure(StreamPtr stream, TlsContext const& context, std::string host) {
    auto secured = co_await tls_connect(context, std::move(stream), std::move(host));
    if (!secured) co_return secured.error();
    // An agent's leaf is good for a server's names, too, and its CA is the control plane's.
    if (secured->peer && secured->peer->node()) {
        secured->stream->abort();
        co_return Error(Problem::peer_untrusted, "it shows the certificate of a node");
    }
    co_return std::move(secured->stream);
}

/// `context` null: as `request.trust` says.
Task<Result<StreamPtr>> wrap(StreamPtr stream, Fetch const& request, TlsContext const* context) {
    if (context != nullptr)
        co_return co_await secure(std::move(stream), *context, request.url.host);
    if (request.url.scheme != "https") co_return stream;
    auto made = TlsContext::make_client(request.trust);
    if (!made) co_return made.error();
    if (request.clock != nullptr) made->judge_by(*request.clock);
    co_return co_await secure(std::move(stream), *made, request.url.host);
}

RequestHead make_head(Fetch& request, std::string const& upgrade) {
    RequestHead head;
    head.method = std::move(request.method);
    head.target = request.url.path;
    head.fields.add("Host", request.url.authority());
    head.fields.add("User-Agent", "adaos/" ADAOS_VERSION);
    head.fields.add("Connection", upgrade.empty() ? "close" : "Upgrade");
    if (!upgrade.empty()) head.fields.add("Upgrade", upgrade);
    for (auto const& f : request.fields.all())
        if (!equal_ignoring_case(f.name, "Host")) head.fields.add(f.name, f.value);
    return head;
}

Task<Result<Upgraded>> exchange(HttpClient& client, RequestHead head, std::string body) {
    bool const upgrades = head.fields.find("upgrade") != nullptr;
    // A server may refuse early and stop reading: its answer counts, not our failed write.
    auto const sent = co_await client.send(std::move(head), std::move(body));
    Upgraded done;
    auto& reply = done.refusal;
    do {
        auto answer = co_await client.read_head();
        if (!answer && !sent) co_return sent.error();
        if (!answer) co_return answer.error();
        reply.head = std::move(*answer);
    } while (reply.head.status < 200 && reply.head.status != 101);
    if (reply.head.status == 101) {
        if (!upgrades) co_return Error(HttpErrc::bad_message, "a 101 nobody asked for");
        done.stream = client.take_stream();
        co_return done;
    }
    auto text = co_await read_body(client.body(), max_reply_bytes);
    if (!text) co_return text.error();
    reply.body = std::move(*text);
    co_return done;
}

Task<Result<Upgraded>> run(Network& network, Timers& timers, Fetch request,
                           TlsContext const* context, std::string upgrade) {
    auto const url = request.url;
    auto const began = timers.now();
    Endpoint to{url.host, url.port};
    auto connected = co_await network.connect(std::move(to), request.timeout);
    if (!connected) co_return as_fetch_error(connected.error(), false, url);
    auto const spent = std::chrono::duration_cast<std::chrono::milliseconds>(timers.now() - began);

    // What was connected is inside whatever is put around it, and breaks that when it breaks.
    auto& below = **connected;
    bool timed_out = false;
    auto const left = std::max(request.timeout - spent, std::chrono::milliseconds(1));
    auto timer = timers.call_after(left, [&below, &timed_out] {
        timed_out = true;
        below.abort();
    });
    auto stream = co_await wrap(std::move(*connected), request, context);
    if (!stream) co_return as_fetch_error(stream.error(), timed_out, url);
    HttpClient client(std::move(*stream));
    auto head = make_head(request, upgrade);
    if (request.sent != nullptr) *request.sent = true;
    auto done = co_await exchange(client, std::move(head), std::move(request.body));
    timer.reset();
    if (!done) co_return as_fetch_error(done.error(), timed_out, url);
    co_return done;
}

Task<Result<Reply>> run_plain(Network& network, Timers& timers, Fetch request,
                              TlsContext const* context) {
    auto done = co_await run(network, timers, std::move(request), context, std::string());
    if (!done) co_return done.error();
    co_return std::move(done->refusal);
}

}  // namespace

Task<Result<Reply>> fetch(Network& network, Timers& timers, Fetch request) {
    return run_plain(network, timers, std::move(request), nullptr);
}

Task<Result<Upgraded>> fetch_upgrade(Network& network, Timers& timers, Fetch request,
                                     std::string protocol) {
    return run(network, timers, std::move(request), nullptr, std::move(protocol));
}

Task<Result<Reply>> fetch_with(Network& network, Timers& timers, Fetch request,
                               TlsContext const& context) {
    if (request.url.scheme != "https")
        co_return Error(Problem::invalid_field, "an https URL is needed");
    co_return co_await run_plain(network, timers, std::move(request), &context);
}

}  // namespace adaos::net
