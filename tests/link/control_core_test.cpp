#include "link/control_core.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::control_core_test {

using namespace adaos::link;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

SteadyTime const start{std::chrono::hours(1)};

Hello some_hello() {
    Hello hello;
    hello.node_id = "11111111-2222-4333-8444-555555555555";
    hello.subnet_id = "sn_0123abcd";
    hello.role = "hub";
    hello.name = "attic";
    return hello;
}

HelloAck some_ack() {
    HelloAck ack;
    ack.ok = true;
    ack.node_id = "root";
    return ack;
}

std::string framed(std::string const& json) {
    std::string out;
    for (int const shift : {24, 16, 8, 0})
        out.push_back(static_cast<char>((json.size() >> shift) & 0xff));
    return out + json;
}

void give(ControlCore& to, std::string const& bytes, SteadyTime now = start) {
    to.heard(now);
    to.feed(as_bytes(bytes), now);
}

template <class T>
T expect(ControlCore& from) {
    auto event = from.next_event();
    REQUIRE(event);
    REQUIRE(std::holds_alternative<T>(*event));
    return std::move(std::get<T>(*event));
}

/// Both ends, past the handshake.
struct Ends {
    Ends() : up(SessionTimes(), start), down(SessionTimes(), start, some_hello()) {
        carry();
        (void)expect<Hello>(up);
        up.answer(some_ack(), start);
        carry();
        (void)expect<HelloAck>(down);
    }
    void carry(SteadyTime now = start) {
        for (int i = 0; i < 3; ++i) {
            auto const a = down.output(max_control_bytes * 8);
            auto const b = up.output(max_control_bytes * 8);
            if (!a.empty()) give(up, a, now);
            if (!b.empty()) give(down, b, now);
        }
    }
    ControlCore up;
    ControlCore down;
};

}  // namespace

TEST_CASE("the accepter says nothing before it has decided on a hello", "[link][control]") {
    ControlCore up(SessionTimes(), start);
    ControlCore down(SessionTimes(), start, some_hello());
    CHECK(up.output(100).empty());
    CHECK(up.call("node.ping", "{}", start + seconds(1)).has_error());

    give(up, down.output(max_control_bytes));
    CHECK(expect<Hello>(up) == some_hello());
    CHECK(up.output(100).empty());
    CHECK_FALSE(down.open());

    REQUIRE(up.set_status(R"({"ready":true})").has_value());
    up.answer(some_ack(), start);
    auto const said = up.output(max_control_bytes);
    CHECK(said.find("hello.ack") < said.find("node.status"));
    give(down, said);

    CHECK(expect<HelloAck>(down) == some_ack());
    CHECK(expect<NodeStatus>(down).json == R"({"ready":true})");
    CHECK(up.open());
    CHECK(down.open());
}

TEST_CASE("a refused hello ends both ends as refused", "[link][control]") {
    ControlCore up(SessionTimes(), start);
    ControlCore down(SessionTimes(), start, some_hello());
    give(up, down.output(max_control_bytes));
    HelloAck no;
    no.error = "subnet_mismatch";
    no.detail = "another subnet";

    up.answer(no, start);
    give(down, up.output(max_control_bytes));

    CHECK(expect<HelloAck>(down).error == "subnet_mismatch");
    CHECK(down.ending() == Ending{"refused", "subnet_mismatch: another subnet"});
    CHECK(up.ending()->code == "refused");
}

TEST_CASE("anything known before the hello is a protocol error, the unknown is not",
          "[link][control]") {
    auto const early = GENERATE(std::string(R"({"t":"ping","n":1})"),
                                std::string(R"({"t":"call","id":1,"method":"x"})"),
                                std::string(R"({"t":"hello.ack","ok":true})"));
    ControlCore up(SessionTimes(), start);
    give(up, framed(R"({"t":"hello.from.the.future"})"));
    CHECK_FALSE(up.ending());

    give(up, framed(early));

    REQUIRE(up.ending());
    CHECK(up.ending()->code == "protocol");
    CHECK(up.output(1000).find(R"("t":"bye")") != std::string::npos);
}

TEST_CASE("a hello must come in time, and so must its answer", "[link][control]") {
    SessionTimes const times;
    ControlCore up(times, start);
    ControlCore down(times, start, some_hello());
    CHECK(up.next_tick() == start + times.hello);

    up.tick(start + times.hello - milliseconds(1));
    down.tick(start + times.hello - milliseconds(1));
    CHECK_FALSE(up.ending());
    CHECK_FALSE(down.ending());

    up.tick(start + times.hello);
    down.tick(start + times.hello);
    CHECK(up.ending()->code == "peer_silent");
    CHECK(down.ending()->code == "peer_silent");
}

TEST_CASE("a quiet peer is pinged, and its pong is a sign of life", "[link][control]") {
    Ends ends;
    auto const t = start + seconds(5);
    CHECK(ends.up.next_tick() == t);

    ends.up.tick(t);
    CHECK(ends.up.next_tick() == t + seconds(5));
    auto const ping = ends.up.output(1000);
    CHECK(ping == framed(R"({"t":"ping","n":1})"));
    give(ends.down, ping, t);
    auto const pong = ends.down.output(1000);
    CHECK(pong == framed(R"({"t":"pong","n":1})"));
    give(ends.up, pong, t + milliseconds(40));

    CHECK(ends.up.last_heard() == t + milliseconds(40));
    CHECK(ends.up.next_tick() == t + milliseconds(5040));
    // The one that was pinged heard something, and has no need to ping by itself.
    CHECK(ends.down.next_tick() == t + seconds(5));
}

TEST_CASE("a peer that stays silent is dead", "[link][control]") {
    Ends ends;
    for (auto t = start; t < start + seconds(15); t += seconds(1)) {
        ends.up.tick(t);
        REQUIRE_FALSE(ends.up.ending());
    }

    ends.up.tick(start + seconds(15));

    CHECK(ends.up.ending()->code == "peer_silent");
    auto const said = ends.up.output(1000);
    CHECK(said.find(R"({"t":"ping","n":2})") != std::string::npos);
    CHECK(said.find(R"("n":3)") == std::string::npos);
}

TEST_CASE("a ping flood costs one pong at a time", "[link][control]") {
    Ends ends;
    for (int i = 1; i <= 1000; ++i)
        give(ends.up, framed(R"({"t":"ping","n":)" + std::to_string(i) + "}"));

    CHECK(ends.up.output(max_control_bytes) == framed(R"({"t":"pong","n":1000})"));
}

TEST_CASE("a call is answered with its result, either way", "[link][control]") {
    Ends ends;
    auto const a = ends.up.call("status", R"({"deep":[1,2]})", start + seconds(5)).value();
    auto const b = ends.down.call("renew", "", start + seconds(5)).value();
    ends.carry();

    auto const at_down = expect<Call>(ends.down);
    CHECK(at_down.method == "status");
    CHECK(at_down.params == R"({"deep":[1,2]})");
    auto const at_up = expect<Call>(ends.up);
    CHECK(at_up.params.empty());
    ends.down.reply(at_down.id, std::string(R"("fine")"));
    ends.up.reply(at_up.id, Error(Problem::csr_refused, "weak key"));
    ends.carry();

    auto const for_up = expect<CallDone>(ends.up);
    CHECK(for_up.id == a);
    CHECK(for_up.outcome.value() == R"("fine")");
    auto const for_down = expect<CallDone>(ends.down);
    CHECK(for_down.id == b);
    REQUIRE(for_down.outcome.has_error());
    CHECK(for_down.outcome.error().code == make_error_code(Problem::csr_refused));
    CHECK(for_down.outcome.error().context == "weak key");
    CHECK(ends.up.calls_out() == 0);
}

TEST_CASE("a call times out once, and its late result is dropped", "[link][control]") {
    Ends ends;
    (void)ends.up.call("slow", "{}", start + seconds(2)).value();
    ends.carry();
    auto const asked = expect<Call>(ends.down);
    CHECK(ends.up.next_tick() == start + seconds(2));

    ends.up.tick(start + seconds(2));
    auto const done = expect<CallDone>(ends.up);
    CHECK(done.outcome.error().code == make_error_code(Problem::timed_out));

    ends.down.reply(asked.id, std::string("1"));
    ends.carry();
    CHECK_FALSE(ends.up.next_event());
    CHECK_FALSE(ends.up.ending());
}

TEST_CASE("64 calls may be under way, one more is refused at its source", "[link][control]") {
    Ends ends;
    for (std::size_t i = 0; i < max_calls; ++i)
        REQUIRE(ends.up.call("m", "{}", start + seconds(9)).has_value());

    auto const one_more = ends.up.call("m", "{}", start + seconds(9));

    REQUIRE(one_more.has_error());
    CHECK(one_more.error().code == make_error_code(Problem::relay_busy));
    ends.carry();
    CHECK_FALSE(ends.down.ending());

    give(ends.down, framed(R"({"t":"call","id":999,"method":"m"})"));
    CHECK(ends.down.ending()->code == "protocol");
}

TEST_CASE("a peer that calls on and on without reading results ends the link", "[link][control]") {
    Ends ends;
    int made = 0;
    for (; made < 1000 && !ends.down.ending(); ++made) {
        give(ends.down,
             framed(R"({"t":"call","id":)" + std::to_string(made + 1) + R"(,"method":"m"})"));
        if (auto const call = ends.down.next_event())
            ends.down.reply(std::get<Call>(*call).id, std::string("{}"));
    }

    CHECK(ends.down.ending()->code == "protocol");
    CHECK(made <= static_cast<int>(2 * max_calls) + 1);
}

TEST_CASE("the newest status wins and none queues", "[link][control]") {
    Ends ends;
    REQUIRE(ends.down.set_status(R"({"n":1})").has_value());
    REQUIRE(ends.down.set_status(R"({"n":2})").has_value());
    CHECK(ends.down.set_status("[]").has_error());
    CHECK(ends.down.set_status("nonsense").has_error());
    ends.carry();

    CHECK(expect<NodeStatus>(ends.up).json == R"({"n":2})");
    CHECK_FALSE(ends.up.next_event());
}

TEST_CASE("goodbye tells why and ends both ends", "[link][control]") {
    Ends ends;
    ends.up.bye("replaced", "a newer link");
    CHECK(ends.up.ending() == Ending{"replaced", "a newer link"});
    CHECK(ends.up.call("x", "{}", start).has_error());

    ends.carry();

    CHECK(ends.down.ending() == Ending{"replaced", "a newer link"});
}

TEST_CASE("a code that is no word is not believed", "[link][control]") {
    Ends ends;
    give(ends.down, framed(R"({"t":"bye","code":"<b>","detail":""})"));
    CHECK(ends.down.ending()->code == "peer_closed");
}

TEST_CASE("payloads up to 60 KiB travel, larger ones are refused", "[link][control]") {
    Ends ends;
    std::string const fits = '"' + std::string(max_payload_bytes - 2, 'x') + '"';
    std::string const larger = '"' + std::string(max_payload_bytes - 1, 'x') + '"';

    REQUIRE(ends.up.call("m", fits, start + seconds(1)).has_value());
    auto const refused = ends.up.call("m", larger, start + seconds(1));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == make_error_code(Problem::body_too_large));
    ends.carry();
    CHECK(expect<Call>(ends.down).params == fits);

    ends.down.reply(1, larger);
    ends.carry();
    auto const done = expect<CallDone>(ends.up);
    REQUIRE(done.outcome.has_error());
    CHECK(done.outcome.error().code == make_error_code(Problem::internal));
}

TEST_CASE("a message of 64 KiB passes, a larger length ends the link at once", "[link][control]") {
    std::string filler = R"({"t":"x","f":""})";
    filler = R"({"t":"x","f":")" + std::string(max_control_bytes - filler.size(), 'x') + "\"}";
    REQUIRE(filler.size() == max_control_bytes);
    Ends ends;
    give(ends.up, framed(filler));
    CHECK_FALSE(ends.up.ending());

    give(ends.up, std::string("\x00\x01\x00\x01", 4));
    CHECK(ends.up.ending()->code == "protocol");

    give(ends.down, std::string(4, '\0'));
    CHECK(ends.down.ending()->code == "protocol");
}

TEST_CASE("control messages may come byte by byte", "[link][control]") {
    ControlCore up(SessionTimes(), start);
    ControlCore down(SessionTimes(), start, some_hello());

    for (char const c : down.output(max_control_bytes)) give(up, std::string(1, c));

    CHECK(expect<Hello>(up) == some_hello());
}

}  // namespace adaos::control_core_test
