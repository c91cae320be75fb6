#include "net/http_session.hpp"

#include "base/problem.hpp"
#include "net/deadline.hpp"
#include "net/http_exchange.hpp"
#include "net/http_problem.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace adaos::net {
namespace {

/// What a handler left unread of a body and is read for it, so that the connection can be kept.
constexpr std::size_t most_drained = 64 * 1024;
/// How long a peer may go on sending after our last answer before it is cut off: closing with bytes
/// unread would reset the connection and could destroy that answer on its way (RFC 9112, 9.6).
constexpr std::chrono::milliseconds linger{2000};

enum class Next { request, hang_up, stop };

/// The head of the next request. False: the connection is over.
Task<Result<bool>> read_request(ServerConnection& c) {
    using Head = MessageReader::Head;
    c.stream.limit_reads(c.limits.idle);
    auto step = co_await c.reader.step_head();
    if (!step) co_return step.error();
    if (*step == Head::partial) {
        Deadline const deadline(c.timers, c.stream, c.limits.head);
        while (step && *step == Head::partial) {
            step = co_await c.reader.step_head();
        }
        if (!step && deadline.passed()) co_return Error(Problem::timed_out, "head");
        if (!step) co_return step.error();
    }
    co_return *step == Head::complete;
}

/// Says why a message was not acceptable.
Task<void> refuse(ServerConnection& c, Error error) {
    unsigned status = 0;
    if (error.code == HttpErrc::unsupported) status = 501;
    auto const problem = as_problem(std::move(error));
    if (status == 0) status = describe(problem.code).http_status;
    Fields extra;
    extra.add("Connection", "close");
    auto const body = problem_body(problem, status, extra);
    auto const head = problem_head(status, std::move(extra));
    Framing const framing{Framing::Kind::length, body.size()};
    auto wire = serialize(head, framing);
    if (!wire) co_return;
    *wire += body;
    (void)co_await c.stream.write_all(as_bytes(*wire));
}

/// Reads and drops up to `most` bytes of the request's body. True when that was all of it.
Task<bool> drain_body(ServerConnection& c) {
    if (c.reader.broken()) co_return false;
    if (c.reader.parser().done()) co_return true;
    Deadline const deadline(c.timers, c.stream, c.limits.head);
    Bytes scratch(8 * 1024);
    for (std::size_t drained = 0; drained <= most_drained;) {
        auto const got = co_await c.reader.read_some(scratch);
        if (!got) co_return false;
        if (*got == 0) co_return true;
        drained += *got;
    }
    co_return false;
}

Task<void> hang_up(ServerConnection& c) {
    bool const all_read = c.reader.parser().done() && !c.reader.has_rest();
    if (!all_read) {
        Deadline const deadline(c.timers, c.stream, linger);
        auto const ended = co_await c.stream.shutdown_write();
        Bytes scratch(8 * 1024);
        bool more = ended.has_value();
        while (more) {
            auto const got = co_await c.stream.read_some(scratch);
            more = got.has_value();
        }
    }
    co_await c.stream.close();
}

/// Runs the handler. Empty, or what it threw: a bug, but not the connection's end.
Task<std::string> run_handler(Handler& handler, ServerExchange& exchange) {
    std::string thrown;
    try {
        co_await handler.handle(exchange);
    } catch (boost::system::system_error const& e) {
        if (e.code() == boost::asio::error::operation_aborted) throw;  // cancelled: everything ends
        thrown = e.what();
    } catch (std::exception const& e) {
        thrown = e.what();
    }
    co_return thrown;
}

/// One exchange, its head being read.
Task<Next> serve_one(ServerConnection& c, Handler& handler, Log const& log) {
    c.stream.limit_reads(c.limits.body_stall);
    ServerExchange exchange(c);
    auto const thrown = co_await run_handler(handler, exchange);
    if (!thrown.empty()) log.error("bug: a handler threw", {{"what", thrown}});
    if (exchange.upgraded()) co_return Next::stop;
    if (!exchange.aborted() && !exchange.responded()) {
        Fields none;
        Error unanswered(Problem::internal);
        (void)co_await respond_problem(exchange, std::move(unanswered), std::move(none));
    }
    if (exchange.aborted() || !c.writer.complete()) {
        c.stream.abort();  // half an answer must not look like a whole one
        co_return Next::stop;
    }
    if (exchange.closes()) co_return Next::hang_up;
    bool const drained = co_await drain_body(c);
    if (!drained || c.stopping) co_return Next::hang_up;
    c.reader.next();
    c.writer.next();
    co_return Next::request;
}

}  // namespace

Task<void> serve_http(StreamPtr stream, Peer peer, Handler& handler, Timers& timers,
                      HttpLimits limits, bool const& stopping, Log log) {
    auto const loop = co_await boost::asio::this_coro::executor;
    ServerConnection c(std::move(stream), std::move(peer), timers, limits, stopping, loop);
    auto next = Next::request;
    while (next == Next::request) {
        auto const more = co_await read_request(c);
        if (more && *more) {
            next = co_await serve_one(c, handler, log);
            continue;
        }
        next = Next::stop;
        if (more) {
            co_await c.stream.close();
        } else if (more.error().code.category() ==
                   make_error_code(HttpErrc::bad_message).category()) {
            if (more.error().code != HttpErrc::partial_message) {
                log.debug("a message was refused", {{"cause", more.error().message()}});
                co_await refuse(c, more.error());
            }
            next = Next::hang_up;
        }
    }
    if (next == Next::hang_up) {
        co_await hang_up(c);
    }
}

}  // namespace adaos::net
