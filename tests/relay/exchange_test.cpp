// One exchange through Root and hub, as the member sees it, and as the caller does.
#include "relay/scripted_member.hpp"

#include <boost/asio/error.hpp>

#include <catch2/catch.hpp>

namespace adaos::exchange_test {

using namespace adaos::test;

TEST_CASE("a link that is full of exchanges is a 503 that says when to come again", "[relay]") {
    Seen seen;
    AbortWorld w([&](net::Exchange& exchange) { return swallow(exchange, seen); });
    std::vector<std::unique_ptr<Visitor>> held;
    for (std::uint32_t i = 0; w.member.calls() == static_cast<int>(i); ++i) {
        REQUIRE(i < 1000);
        held.push_back(std::make_unique<Visitor>(w.mesh));
        auto& client = *held.back()->client;
        w.mesh.run(client.send_head(head_of(w.ask("POST", "/in")), some_length)).value();
        w.mesh.settle();
    }
    CHECK(held.size() > 200);

    Answer answer;
    w.mesh.run(read_answer(*held.back()->client, answer));
    CHECK(answer.head.status == 503);
    CHECK(json_at(answer.start, "code") == "ADAOS-R009");
    CHECK(header(answer.head, "Retry-After") == "2");

    held.clear();
    w.mesh.settle();
    auto const calls = w.member.calls();
    Visitor again(w.mesh);
    w.mesh.run(again.client->send(head_of(w.ask("POST", "/in")), "x")).value();
    Answer welcome;
    w.mesh.run(read_answer(*again.client, welcome));
    CHECK(welcome.head.status == 200);
    CHECK(w.member.calls() == calls + 1);
}

TEST_CASE("a member that breaks off before its answer is a 502", "[relay]") {
    AbortWorld w([](net::Exchange& exchange) -> net::Task<void> {
        exchange.abort();
        co_return;
    });

    auto const reply = w.mesh.visit(w.ask("GET", "/out")).value();

    CHECK(reply.head.status == 502);
    CHECK(json_at(reply.body, "code") == "ADAOS-R005");
}

TEST_CASE("a member that never answers is a 504 within a minute", "[relay]") {
    AbortWorld w(
        [&](net::Exchange&) -> net::Task<void> { co_await net::sleep(w.mesh.timers, 1h); });
    Visitor visitor(w.mesh);
    w.mesh.run(visitor.client->send(head_of(w.ask("GET", "/out")), "")).value();
    auto const began = w.mesh.timers.now();

    Answer answer;
    w.mesh.run(read_answer(*visitor.client, answer));

    CHECK(answer.head.status == 504);
    CHECK(json_at(answer.start, "code") == "ADAOS-R007");
    CHECK(w.mesh.timers.now() - began == 60s);
}

TEST_CASE("the member is told who called and what the caller may do, by its hub alone", "[relay]") {
    net::RequestHead got;
    AbortWorld w([&](net::Exchange& exchange) -> net::Task<void> {
        got = exchange.request();
        (void)co_await net::respond_text(exchange, 200, "text/plain", "");
    });
    auto ask = w.ask("PUT", "/a%2Fb/c?d=/nodes/x&token=y");
    ask.fields.add("X-AdaOS-Scope", "admin");
    ask.fields.add("X-AdaOS-Anything", "forged");
    ask.fields.add("X-Forwarded-For", "127.0.0.1");
    ask.fields.add("X-Forwarded-Prefix", "/forged");

    REQUIRE(w.mesh.visit(std::move(ask)).value().head.status == 200);

    auto const field = [&](std::string_view name) {
        auto const* const value = got.fields.find(name);
        return value == nullptr ? std::string("(none)") : *value;
    };
    CHECK(got.method == "PUT");
    CHECK(got.target == "/a%2Fb/c?d=/nodes/x&token=y");
    CHECK(field("X-AdaOS-Scope") == "operate");
    CHECK(field("X-AdaOS-Anything") == "(none)");
    CHECK(field("X-Forwarded-For") == Mesh::caller_host);
    CHECK(field("X-Forwarded-Prefix") == "/hubs/" + w.hub.subnet_id + "/nodes/beta");
    CHECK(field("X-Forwarded-Proto") == "https");
}

TEST_CASE("a caller's 100-continue is answered when the member wants the body", "[relay]") {
    Seen seen;
    AbortWorld w([&](net::Exchange& exchange) { return swallow(exchange, seen); });
    Visitor visitor(w.mesh);
    auto head = head_of(w.ask("POST", "/in"));
    head.fields.add("Expect", "100-continue");
    net::Framing const framing{net::Framing::Kind::length, 5};
    w.mesh.run(visitor.client->send_head(std::move(head), framing)).value();

    auto const interim = w.mesh.run(visitor.client->read_head()).value();
    CHECK(interim.status == 100);
    std::string const body = "hello";
    w.mesh.run(visitor.client->send_body(as_bytes(body))).value();
    w.mesh.run(visitor.client->finish(net::Fields())).value();
    Answer answer;
    w.mesh.run(read_answer(*visitor.client, answer));

    CHECK(answer.head.status == 200);
    CHECK(answer.start == "thanks");
    CHECK(seen.bytes == 5);
}

TEST_CASE("an upgrade through Root and hub is a stream between caller and member", "[relay]") {
    AbortWorld w([](net::Exchange& exchange) -> net::Task<void> {
        net::ResponseHead head;
        head.status = 101;
        head.fields.add("Connection", "Upgrade");
        head.fields.add("Upgrade", "test");
        auto stream = co_await exchange.upgrade(std::move(head));
        if (!stream) co_return;
        std::vector<std::byte> buffer(1000);
        for (;;) {
            auto const got = co_await (*stream)->read_some(buffer);
            if (!got) break;
            auto const sent = co_await (*stream)->write_all(std::span(buffer).first(*got));
            if (!sent) break;
        }
        co_await (*stream)->close();
    });
    Visitor visitor(w.mesh);
    auto head = head_of(w.ask("GET", "/ws"));
    head.fields.add("Connection", "Upgrade");
    head.fields.add("Upgrade", "test");
    w.mesh.run(visitor.client->send(std::move(head), "")).value();

    auto const answer = w.mesh.run(visitor.client->read_head()).value();
    REQUIRE(answer.status == 101);
    auto const stream = visitor.client->take_stream();
    std::string const question(100'000, 'q');
    auto sending = w.mesh.loop.start(stream->write_all(as_bytes(question)));
    std::string echo;
    std::vector<std::byte> buffer(5000);
    while (echo.size() < question.size()) {
        auto const got = w.mesh.run(stream->read_some(buffer)).value();
        echo += as_text(std::span(buffer).first(got));
    }
    CHECK((echo == question));
    CHECK(w.mesh.finish(sending).has_value());

    w.mesh.run(stream->shutdown_write()).value();
    auto const end = w.mesh.run(stream->read_some(buffer));
    REQUIRE(end.has_error());
    CHECK(end.error().code == boost::asio::error::eof);
}

TEST_CASE("an upgrade needs the scope to operate", "[relay]") {
    AbortWorld w(say_target);
    auto ask = w.ask("GET", "/ws");
    ask.token = w.mesh.make_token(w.hub, "view");
    ask.fields.add("Connection", "Upgrade");
    ask.fields.add("Upgrade", "test");
    Visitor visitor(w.mesh);
    w.mesh.run(visitor.client->send(head_of(ask), "")).value();

    CHECK(w.mesh.run(visitor.client->read_head()).value().status == 403);
    CHECK(w.member.calls() == 0);
}

}  // namespace adaos::exchange_test
