// Whose word ends a join: the door's own, and nobody else's.
#include "node/join_client.hpp"

#include "base/problem.hpp"
#include "net/task_group.hpp"
#include "support/http_world.hpp"
#include "support/mem_network.hpp"
#include "support/seeded_random.hpp"

#include <deque>

namespace adaos::join_client_test {

using namespace adaos::node;

namespace {

struct Answer {
    unsigned status;  ///< 0: none, for an hour
    std::string body;
    std::string type = "text/html";
};

/// An address, and what it answers to everything.
struct Address {
    explicit Address(Answer what) : usual(std::move(what)) {
        tasks.spawn(accept());
        loop.poll();
    }
    ~Address() {
        stopping = true;
        acceptor->close();
        loop.run(tasks.stop(), timers);
    }
    net::Task<void> accept() {
        for (;;) {
            auto accepted = co_await acceptor->accept();
            if (!accepted) break;
            tasks.spawn(serve(std::move(accepted->stream)));
        }
    }
    net::Task<void> serve(net::StreamPtr stream) {
        co_await net::serve_http(std::move(stream), net::Peer(), handler, timers, net::HttpLimits(),
                                 stopping, Log());
    }
    net::Task<void> answer(net::Exchange& exchange) {
        asked.emplace_back(exchange.request().path());
        auto body = co_await net::read_body(exchange.body(), 4096);
        if (body) received += *body;
        auto now = usual;
        if (!before.empty()) {
            now = std::move(before.front());
            before.pop_front();
        }
        if (now.status == 0)
            co_await net::sleep(timers, std::chrono::hours(1));
        else
            (void)co_await net::respond_text(exchange, now.status, now.type, std::move(now.body));
    }
    JoinFailure join() {
        JoinOrder order;
        order.root = net::parse_url("http://h").value();
        order.code = Secret("ABCDEFGH");
        order.order = "{}";
        JoinClient client(network, timers, random, std::move(order),
                          [this](std::string_view line) { said.emplace_back(line); });
        auto const reply = loop.run(client.run(), timers);
        CHECK(reply.has_error());
        return client.failure();
    }

    Answer usual;
    std::deque<Answer> before;  ///< first
    std::vector<std::string> asked;
    std::string received;
    std::vector<std::string> said;
    test::Loop loop;
    test::ManualTimers timers;
    test::SeededRandom random;
    test::MemNetwork network{timers};
    net::Endpoint at{"h", 80};
    std::unique_ptr<net::Acceptor> acceptor = network.listen(at).value();
    bool stopping = false;
    test::Scripted handler{[this](net::Exchange& exchange) { return answer(exchange); }};
    net::TaskGroup tasks{loop.executor(), Log()};
};

}  // namespace

TEST_CASE("what a proxy says is no refusal of the code", "[node][join]") {
    auto const status = GENERATE(400U, 401U, 403U, 407U, 409U, 410U, 413U, 422U, 429U);
    auto const* const body =
        GENERATE("<html>no</html>", "", R"({"error":"denied"})",
                 R"({"type":"about:blank","title":"Forbidden","detail":"Access denied"})");
    CAPTURE(status, body);
    Address address({status, body});

    auto const failure = address.join();

    CHECK_FALSE(failure.refused);
    CHECK_FALSE(failure.unsettled);  // nothing was proved yet
    CHECK(failure.error.code == Problem::not_adaos);
    CHECK(failure.error.context.find("http://h") != std::string::npos);
    CHECK(failure.error.context.find("HTTP " + std::to_string(status)) != std::string::npos);
}

TEST_CASE("a redirection is no join door's either", "[node][join]") {
    Address address({302, "moved"});
    auto const failure = address.join();
    CHECK_FALSE(failure.refused);
    CHECK(failure.error.code == Problem::not_adaos);
}

TEST_CASE("what a door of ours says is a refusal", "[node][join]") {
    Address address({409, R"({"code":"ADAOS-J005","detail":"it is spent"})"});

    auto const failure = address.join();

    CHECK(failure.refused);
    CHECK_FALSE(failure.unsettled);
    CHECK(failure.error.code != Problem::not_adaos);
}

TEST_CASE("a door of ours that is throttled refuses nothing, and used nothing", "[node][join]") {
    Address address({429, R"({"code":"ADAOS-J006"})"});
    auto const failure = address.join();
    CHECK_FALSE(failure.refused);
    CHECK_FALSE(failure.unsettled);
    CHECK(failure.error.code == Problem::code_throttled);
}

TEST_CASE(
    "an address without the door for proofs gets no code, and the person is told who answered",
    "[node][join]") {
    auto const status = GENERATE(404U, 405U);
    Address address({status, "<html>not here</html>"});
    auto const failure = address.join();
    CHECK_FALSE(failure.refused);
    CHECK_FALSE(failure.unsettled);
    CHECK(failure.error.code == Problem::no_join_endpoint);
    CHECK(failure.error.context == "HTTP " + std::to_string(status) + " at http://h");
    CHECK(address.asked == std::vector<std::string>{"/v1/join/params"});
    CHECK(address.received.find("\"AB\"") != std::string::npos);  // the slot
    CHECK(address.received.find("ABC") == std::string::npos);
}

TEST_CASE("a join waits as long as a throttled door says, and says so", "[node][join]") {
    Address address({409, R"({"code":"ADAOS-J005"})"});
    address.before.push_back({429, R"({"code":"ADAOS-J006","retry_after_seconds":20})"});
    auto const begun = address.timers.now();

    auto const failure = address.join();

    CHECK(failure.error.code == Problem::code_used);  // it was asked again
    CHECK(address.timers.now() - begun == std::chrono::seconds(20));
    REQUIRE(address.said.size() > 1);
    CHECK(address.said[1].find("try again in 20 s") != std::string::npos);
}

TEST_CASE("a join does not wait for a throttled door longer than it has time", "[node][join]") {
    Address address({429, R"({"code":"ADAOS-J006","retry_after_seconds":30})"});
    auto const begun = address.timers.now();

    auto const failure = address.join();

    CHECK(failure.error.code == Problem::code_throttled);
    CHECK(failure.error.context.find("try again in 30 s") != std::string::npos);
    CHECK(address.timers.now() == begun);
}

TEST_CASE("a last try without an answer does not hide what stood in the way before",
          "[node][join]") {
    Address address({0, ""});
    address.before.assign(3, {502, "lost"});

    auto const failure = address.join();

    CHECK(failure.error.code == Problem::unreachable);
    CHECK(failure.error.context.find("HTTP 502") != std::string::npos);
}

TEST_CASE("a time to come back that is over is told once, and not as still to come",
          "[node][join]") {
    Address address({0, ""});
    address.before.push_back({429, R"({"code":"ADAOS-J006","retry_after_seconds":1})"});

    auto const failure = address.join();

    CHECK(failure.error.code == Problem::code_throttled);
    auto const& text = failure.error.context;
    auto const first = text.find("try again in");
    CHECK(
        (first == std::string::npos || text.find("try again in", first + 1) == std::string::npos));
    CHECK(failure.error.retry_after_seconds == 0);
}

}  // namespace adaos::join_client_test
