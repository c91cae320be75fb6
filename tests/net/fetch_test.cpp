#include "net/fetch.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/event.hpp"
#include "support/http_world.hpp"
#include "support/mem_network.hpp"

#include <boost/asio/this_coro.hpp>

namespace adaos::fetch_test {

using namespace adaos::net;
using namespace std::chrono_literals;
using test::echo, test::say_target, test::Scripted;

namespace {

/// A server of one connection in a network in memory.
struct Served {
    explicit Served(Handler& handler) : network(timers) {
        loop.spawn(accept_one(handler));
        loop.poll();
    }
    Task<void> accept_one(Handler& handler) {
        Endpoint at{"h", 80};
        auto acceptor = network.listen(std::move(at));
        auto accepted = co_await acceptor.value()->accept();
        if (!accepted) co_return;
        co_await serve_http(std::move(accepted->stream), Peer(), handler, timers, HttpLimits(),
                            stopping, Log());
    }
    Result<Reply> get(Fetch request) {
        return loop.run(fetch(network, timers, std::move(request)), timers);
    }
    test::Loop loop;
    test::ManualTimers timers;
    test::MemNetwork network;
    bool stopping = false;
};

Fetch make_fetch(std::string const& url) {
    Fetch request;
    request.url = parse_url(url).value();
    return request;
}

}  // namespace

TEST_CASE("a fetch brings head and body", "[net][fetch]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        CHECK(*e.request().fields.find("Host") == "h");
        CHECK(*e.request().fields.find("X-A") == "1");
        co_await say_target(e);
    });
    Served served(handler);
    auto request = make_fetch("http://h/a?b");
    request.fields.add("X-A", "1");

    auto const reply = served.get(std::move(request));

    REQUIRE(reply.has_value());
    CHECK(reply->head.status == 200);
    CHECK(reply->body == "/a?b");
}

TEST_CASE("a fetch sends a body with its length", "[net][fetch]") {
    Scripted handler(echo);
    Served served(handler);
    auto request = make_fetch("http://h/");
    request.method = "POST";
    request.body = std::string(100'000, 'x');

    auto const reply = served.get(std::move(request));

    REQUIRE(reply.has_value());
    CHECK(reply->body.size() == 100'000);
}

TEST_CASE("a fetch fails with a problem of its own", "[net][fetch]") {
    SECTION("nobody listens") {
        Scripted handler(say_target);
        Served served(handler);
        CHECK(served.get(make_fetch("http://other/")).error().code == Problem::unreachable);
    }
    SECTION("no answer in time") {
        Scripted handler([](Exchange&) -> Task<void> {
            auto const loop = co_await boost::asio::this_coro::executor;
            Event never(loop);
            co_await never.wait();
        });
        Served served(handler);
        auto request = make_fetch("http://h/");
        request.timeout = 3s;
        auto const began = served.timers.now();
        CHECK(served.get(std::move(request)).error().code == Problem::timed_out);
        CHECK(served.timers.now() - began == 3s);
    }
    SECTION("the answer is too large") {
        Scripted handler([](Exchange& e) -> Task<void> {
            std::string text(max_reply_bytes + 1, 'x');
            (void)co_await respond_text(e, 200, "text/plain", std::move(text));
        });
        Served served(handler);
        CHECK(served.get(make_fetch("http://h/")).error().code == Problem::bad_answer);
    }
    SECTION("the answer is cut") {
        Scripted handler([](Exchange& e) -> Task<void> {
            e.abort();
            co_return;
        });
        Served served(handler);
        CHECK(served.get(make_fetch("http://h/")).error().code == Problem::unreachable);
    }
}

}  // namespace adaos::fetch_test
