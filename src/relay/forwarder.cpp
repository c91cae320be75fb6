#include "relay/forwarder.hpp"

#include "base/problem.hpp"
#include "net/task_group.hpp"
#include "relay/head_rules.hpp"
#include "relay/pipe.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>
#include <vector>

namespace adaos::relay {
namespace {

/// Longest wait for an answer's head while nothing of the request moves; nginx's proxy_read_timeout
/// and proxy_send_timeout are the same.
constexpr std::chrono::seconds answer_wait{60};

/// Aborts the way to the next hop when neither an answer nor the request gets on.
class AnswerWait {
public:
    AnswerWait(net::Timers& timers, net::HttpClient& client) : timers_(timers), client_(client) {
        arm();
    }
    void request_moved() { moved_ = true; }
    void answered() { timer_.reset(); }
    [[nodiscard]] bool timed_out() const { return timed_out_; }

private:
    void arm() {
        moved_ = false;
        timer_ = timers_.call_after(answer_wait, [this] { check(); });
    }
    void check() {
        if (moved_) {
            arm();
            return;
        }
        timed_out_ = true;
        client_.abort();
    }
    net::Timers& timers_;
    net::HttpClient& client_;
    net::TimerPtr timer_;
    bool moved_ = false;
    bool timed_out_ = false;
};

/// The request's body, copied up beside the answer coming down: an answer may overtake its request.
struct Upload {
    net::Exchange& exchange;
    net::HttpClient& client;
    AnswerWait& wait;
    std::optional<Error> failure;  ///< of the caller: it is gone, or what it sends is no body
};

net::Task<void> copy_request_body(Upload& upload) {
    std::vector<std::byte> buffer(copy_buffer_bytes);
    for (;;) {
        auto const got = co_await upload.exchange.body().read_some(buffer);
        if (!got) {
            upload.failure = got.error();
            upload.client.abort();  // the next hop must see an abort, not a short body
            break;
        }
        if (*got == 0) {
            (void)co_await upload.client.finish(upload.exchange.body().trailers());
            break;
        }
        auto const sent = co_await upload.client.send_body(std::span(buffer).first(*got));
        if (!sent) break;  // the reading half tells why
        upload.wait.request_moved();
    }
}

/// The peer is there, and what it sent is not HTTP.
bool is_ambiguous(Error const& e) {
    return e.code.category() == make_error_code(net::HttpErrc::bad_message).category() &&
           e.code != net::HttpErrc::partial_message;
}

Error as_relay_error(Error const& e, Route const& route, bool timed_out) {
    if (timed_out) return Error(Problem::upstream_slow, route.upstream);
    if (is_ambiguous(e))
        return Error(Problem::upstream_broken, route.upstream + ": " + e.message());
    if (e.code.category() == make_error_code(Problem::internal).category())
        return with_context(e, route.upstream);
    return Error(Problem::link_lost, route.upstream + ": " + e.message());
}

net::Task<void> answer_error(net::Exchange& exchange, Route const& route, Error error) {
    net::Fields extra;
    extra.add("Proxy-Status", proxy_status(route.hop, error));
    auto const status = describe(error.code).http_status;
    if (status == 503 || status == 429) extra.add("Retry-After", "2");
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
}

/// Head after head until the final one; informational ones are passed on as they come.
net::Task<Result<net::ResponseHead>> read_final_head(net::Exchange& exchange,
                                                     net::HttpClient& client, Route const& route) {
    for (;;) {
        auto head = co_await client.read_head();
        if (!head || head->status >= 200 || head->status == 101) co_return head;
        if (head->status == 100) continue;  // ours was sent when the body was first read
        auto informed = onward_response(std::move(*head), route);
        auto const told = co_await exchange.inform(std::move(informed));
        if (!told) co_return told.error();
    }
}

/// No timer here: a silent event stream is no fault, and a dead link ends its streams by itself.
net::Task<void> copy_answer(net::Exchange& exchange, net::HttpClient& client) {
    std::vector<std::byte> buffer(copy_buffer_bytes);
    for (;;) {
        auto const got = co_await client.body().read_some(buffer);
        if (!got) {
            exchange.abort();
            co_return;
        }
        if (*got == 0) break;
        auto const sent = co_await exchange.write(std::span(buffer).first(*got));
        if (!sent) {
            client.abort();
            co_return;
        }
    }
    (void)co_await exchange.finish(client.body().trailers());
}

net::Task<void> pass_upgrade(net::Exchange& exchange, net::HttpClient& client,
                             net::ResponseHead head, Log log) {
    auto below = client.take_stream();
    auto above = co_await exchange.upgrade(std::move(head));
    if (!above) {
        below->abort();
        co_return;
    }
    co_await join_streams(**above, *below, std::move(log));
    co_await below->close();
}

net::Task<void> pass_answer(net::Exchange& exchange, net::HttpClient& client, Route const& route,
                            Upload const& upload, Log log) {
    auto head = co_await read_final_head(exchange, client, route);
    upload.wait.answered();
    if (!head) {
        if (upload.failure && !is_ambiguous(*upload.failure)) {
            exchange.abort();
            co_return;
        }
        auto error = upload.failure ? Error(Problem::bad_request, upload.failure->message())
                                    : as_relay_error(head.error(), route, upload.wait.timed_out());
        log.debug("relaying failed", {{"to", route.upstream}, {"cause", error.message()}});
        co_await answer_error(exchange, route, std::move(error));
        co_return;
    }
    auto const switching = head->status == 101;
    auto const framing =
        onward_framing(*head, client.response_framing(), exchange.request().method);
    auto onward = onward_response(std::move(*head), route);
    if (route.correct) route.correct(onward);
    if (switching) {
        co_await pass_upgrade(exchange, client, std::move(onward), std::move(log));
        co_return;
    }
    auto const sent = co_await exchange.respond(std::move(onward), framing);
    if (!sent) {
        client.abort();
        co_return;
    }
    co_await copy_answer(exchange, client);
}

}  // namespace

net::Task<void> forward(net::Exchange& exchange, Route route, Open open, net::Timers& timers,
                        Log log) {
    auto const loop = co_await boost::asio::this_coro::executor;
    // Cancelled, we still join the upload before our frame goes: calls fail instead of throwing.
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    if (is_loop(exchange.request())) {
        co_await answer_error(exchange, route,
                              Error(Problem::bad_request, "the request goes in circles"));
        co_return;
    }
    auto stream = co_await open();
    if (!stream) {
        co_await answer_error(exchange, route, stream.error());
        co_return;
    }
    net::HttpClient client(std::move(*stream));
    auto head = onward_request(exchange.request(), exchange.peer(), route);
    auto const framing = exchange.request_framing();
    auto const sent = co_await client.send_head(std::move(head), framing);
    if (!sent) {
        co_await answer_error(exchange, route, as_relay_error(sent.error(), route, false));
        co_return;
    }
    AnswerWait wait(timers, client);
    Upload upload{exchange, client, wait, std::nullopt};
    net::TaskGroup group(loop, log);
    if (framing.kind == net::Framing::Kind::none) {
        (void)co_await client.finish(net::Fields());
    } else {
        group.spawn(copy_request_body(upload));
    }
    co_await pass_answer(exchange, client, route, upload, log);
    client.abort();
    co_await group.stop();
}

}  // namespace adaos::relay
