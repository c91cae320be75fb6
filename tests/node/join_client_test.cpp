// Whose word ends a join: the door's own, and nobody else's.
#include "node/join_client.hpp"

#include "base/problem.hpp"
#include "net/task_group.hpp"
#include "support/http_world.hpp"
#include "support/mem_network.hpp"
#include "support/seeded_random.hpp"

#include <deque>

using namespace adaos;
using namespace adaos::node;

namespace {

struct Answer {
    unsigned status;
    std::string body;
    std::string type = "text/html";
};

/// An address without the door for proofs, and what it answers at the plain ones.
struct Address {
    explicit Address(Answer what) : plain(std::move(what)) {
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
        bool const proof = exchange.request().path().starts_with("/v1/join/");
        if (!proof && !before.empty()) {
            auto early = std::move(before.front());
            before.pop_front();
            (void)co_await net::respond_text(exchange, early.status, early.type,
                                             std::move(early.body));
            co_return;
        }
        auto body = proof ? std::string("nothing here") : plain.body;
        auto const status = proof ? 404U : plain.status;
        (void)co_await net::respond_text(exchange, status, plain.type, std::move(body));
    }
    JoinFailure join() {
        JoinOrder order;
        order.root = net::parse_url("http://h").value();
        order.code = Secret("ABCDEFGH");
        order.order = order.body = "{}";
        JoinClient client(network, timers, random, std::move(order),
                          [this](std::string_view line) { said.emplace_back(line); });
        auto const reply = loop.run(client.run(), timers);
        CHECK(reply.has_error());
        return client.failure();
    }

    Answer plain;
    std::deque<Answer> before;  ///< first at the plain doors
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
    CHECK(failure.unsettled);  // it may have let the code pass, and lost the answer
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

TEST_CASE("what a door of ours says is a refusal, in either form", "[node][join]") {
    auto const answer = GENERATE(Answer{409, R"({"code":"ADAOS-J005","detail":"it is spent"})"},
                                 Answer{409, R"({"detail":"join-code already used"})"},
                                 Answer{403, R"({"detail":"not from here"})"});
    Address address(answer);

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

TEST_CASE("an address where only strangers answer has no join door, and says who answered",
          "[node][join]") {
    Address address({404, "<html>not found</html>"});
    auto const failure = address.join();
    CHECK_FALSE(failure.refused);
    CHECK(failure.error.code == Problem::no_join_endpoint);
    CHECK(failure.error.context.find("HTTP 404") != std::string::npos);
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
