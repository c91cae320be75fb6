#pragma once
/// HTTP sessions in memory: a handler made of a function, and the client's end of a connection.

#include "base/bytes.hpp"
#include "net/http_session.hpp"
#include "support/manual_timers.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <functional>
#include <optional>

namespace adaos::test {

using net::Exchange;
using net::HttpLimits;

/// Answers by calling a function; keeps what it saw.
class Scripted final : public net::Handler {
public:
    using Script = std::function<net::Task<void>(Exchange&)>;
    explicit Scripted(Script script) : script_(std::move(script)) {}
    net::Task<void> handle(Exchange& exchange) override {
        ++calls;
        co_await script_(exchange);
    }
    int calls = 0;

private:
    Script script_;
};

inline net::Task<void> say_target(Exchange& exchange) {
    (void)co_await net::respond_text(exchange, 200, "text/plain", exchange.request().target);
}

inline net::Task<void> echo(Exchange& exchange) {
    auto const body = co_await net::read_body(exchange.body(), 1 << 20);
    if (!body) {
        net::Fields none;
        (void)co_await net::respond_problem(exchange, body.error(), std::move(none));
        co_return;
    }
    auto text = *body;
    for (auto const& f : exchange.body().trailers().all()) text += '|' + f.name + '=' + f.value;
    (void)co_await net::respond_text(exchange, 200, "text/plain", std::move(text));
}

inline net::Task<void> stream_two(Exchange& exchange) {
    net::ResponseHead head;
    net::Framing const framing{net::Framing::Kind::until_close, 0};
    (void)co_await exchange.respond(std::move(head), framing);
    std::string const one = "one", two = "two";
    (void)co_await exchange.write(as_bytes(one));
    (void)co_await exchange.write(as_bytes(two));
    net::Fields trailers;
    trailers.add("X-End", "yes");
    (void)co_await exchange.finish(std::move(trailers));
}

struct Served {
    std::string out;
    std::shared_ptr<MemRecord const> record;
};

/// The whole connection: `chunks` come in, then the end.
inline Served serve(net::Handler& handler, std::deque<std::string> chunks, bool stopping = false) {
    ManualTimers timers;
    auto stream = std::make_unique<MemStream>(std::move(chunks));
    auto const record = stream->record();
    Loop loop;
    loop.run(net::serve_http(std::move(stream), net::Peer(), handler, timers, HttpLimits(),
                             stopping, Log()),
             timers);
    return {record->written, record};
}

inline std::string without_date(std::string text) {
    for (auto at = text.find("Date: "); at != std::string::npos; at = text.find("Date: "))
        text.erase(at, text.find("\r\n", at) + 2 - at);
    return text;
}

inline std::string const get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

inline bool holds(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// A client at the other end of a live connection.
struct World {
    explicit World(net::Handler& handler, HttpLimits limits = {}) : ends(pair()) {
        client = std::move(ends.first);
        served.emplace(loop.start(net::serve_http(std::move(ends.second), net::Peer(), handler,
                                                  timers, limits, stopping, Log())));
        loop.poll();
    }
    void send(std::string const& text) {
        auto sent = loop.start(client->write_all(as_bytes(text)));
        loop.poll();
        REQUIRE(sent.done());
    }
    /// What came so far; "<end>" or "<broken>" behind it when no more will come.
    std::string receive() {
        std::string all;
        for (;;) {
            if (!reading) reading.emplace(loop.start(client->read_some(buffer)));
            loop.poll();
            if (!reading->done()) return all;
            auto const got = reading->get();
            reading.reset();
            if (!got)
                return all + (got.error().code == boost::asio::error::eof ? "<end>" : "<broken>");
            all += text(std::span(buffer).first(*got));
        }
    }

    Loop loop;
    ManualTimers timers;
    bool stopping = false;
    std::pair<net::StreamPtr, net::StreamPtr> ends;
    net::StreamPtr client;
    std::vector<std::byte> buffer = std::vector<std::byte>(4096);
    std::optional<Pending<Result<std::size_t>>> reading;
    std::optional<Pending<void>> served;
};

}  // namespace adaos::test
