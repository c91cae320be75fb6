#include "base/problem.hpp"
#include "net/ws.hpp"
#include "net/ws_codec.hpp"
#include "support/http_world.hpp"

namespace adaos::ws_handshake_test {

using namespace adaos::net;
using test::holds, test::Scripted, test::serve, test::without_date, test::World;

namespace {

std::string const upgrade =
    "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

Task<void> echo_ws(Exchange& exchange) {
    auto stream = co_await ws_accept(exchange);
    if (!stream) co_return;
    std::vector<std::byte> buffer(1000);
    for (;;) {
        auto const got = co_await (*stream)->read_some(buffer);
        if (!got) break;
        (void)co_await (*stream)->write_all(std::span(buffer).first(*got));
    }
    co_await (*stream)->close();
}

/// What ws_connect makes of an answer.
Result<StreamPtr> connect_to(std::string const& answer) {
    auto below = std::make_unique<test::MemStream>(std::deque<std::string>{answer});
    return test::run(ws_connect(std::move(below), "h", "/ws", Fields()));
}

std::string with_body(std::string const& status, std::string const& type, std::string const& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("an upgrade request is answered and becomes a stream", "[net][ws]") {
    Scripted handler(echo_ws);

    // A masked "Hi" and a close frame, sent right behind the request.
    auto const out = serve(handler, {upgrade + "\r\n" + std::string("\x82\x82\0\0\0\0Hi", 8) +
                                     std::string("\x88\x80\0\0\0\0", 6)})
                         .out;

    CHECK(without_date(out) ==
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
          "\x82\x02Hi\x88\x02\x03\xe8");
}

TEST_CASE("a request that is no proper upgrade is refused", "[net][ws]") {
    struct Row {
        std::string wire;
        unsigned status;
    };
    auto const without = [](std::string const& name) {
        auto const at = upgrade.find(name);
        auto text = upgrade;
        return text.erase(at, text.find("\r\n", at) + 2 - at) + "\r\n";
    };
    auto const with = [](std::string const& from, std::string const& to) {
        auto text = upgrade;
        return text.replace(text.find(from), from.size(), to) + "\r\n";
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"GET /ws HTTP/1.1\r\nHost: h\r\n\r\n", 426},
        {without("Upgrade:"), 426},
        {with("Upgrade: websocket", "Upgrade: h2c"), 426},
        {without("Sec-WebSocket-Version"), 426},
        {with("13", "8"), 426},
        {without("Connection:"), 400},
        {without("Sec-WebSocket-Key"), 400},
        {with("dGhl", "dGh"), 400},
        {with("dGhl", "dG!l"), 400},
        {with("GET", "POST"), 400},
        {upgrade + "Content-Length: 1\r\n\r\nx", 400},
    }));
    CAPTURE(row.wire);
    boost::system::error_code seen;
    Scripted handler([&seen](Exchange& e) -> Task<void> {
        auto const stream = co_await ws_accept(e);
        if (!stream) seen = stream.error().code;
    });

    auto const got = serve(handler, {row.wire});

    CHECK(seen == Problem::bad_request);
    CHECK(got.out.starts_with("HTTP/1.1 " + std::to_string(row.status) + " "));
    CHECK(holds(got.out, "Content-Type: application/problem+json\r\n"));
    CHECK(holds(got.out, "\"status\":" + std::to_string(row.status)));
    CHECK(holds(got.out, "Sec-WebSocket-Version: 13\r\n") == (row.status == 426));
    CHECK_FALSE(got.record->aborted);
}

TEST_CASE("ws_connect and ws_accept meet over one connection", "[net][ws]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        CHECK(e.request().target == "/ws?x");
        CHECK(*e.request().fields.find("Host") == "hub.example");
        CHECK(*e.request().fields.find("X-More") == "1");
        co_await echo_ws(e);
    });
    World world(handler);
    Fields fields;
    fields.add("X-More", "1");

    auto stream =
        world.loop.run(ws_connect(std::move(world.client), "hub.example", "/ws?x", fields));
    REQUIRE(stream.has_value());
    std::string const text = "hello";
    CHECK(world.loop.run((*stream)->write_all(as_bytes(text))).has_value());
    std::vector<std::byte> buffer(100);
    auto const got = world.loop.run((*stream)->read_some(buffer));
    CHECK(test::text(std::span(buffer).first(got.value())) == "hello");
    CHECK(world.loop.run((*stream)->shutdown_write()).has_value());
    CHECK(world.loop.run((*stream)->read_some(buffer)).error().code == boost::asio::error::eof);
    world.loop.poll();
    CHECK(world.served->done());
}

TEST_CASE("an answer that is not the 101 asked for is told with its problem", "[net][ws]") {
    struct Row {
        std::string answer;
        Problem problem;
        std::string context;
    };
    std::string const json = "application/problem+json";
    std::string const up = "HTTP/1.1 101 Up\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    auto const row = GENERATE_COPY(values<Row>({
        {with_body("404 No", "text/html", "<p>"), Problem::bad_answer, "status 404"},
        {with_body("404 No", "text/html", "{\"code\":\"ADAOS-R001\"}"), Problem::bad_answer,
         "status 404"},
        {with_body("404 No", json, "{\"code\":\"ADAOS-R001\",\"detail\":\"sn_1\"}"),
         Problem::subnet_unknown, "status 404, ADAOS-R001, sn_1"},
        {with_body("503 No", json, "{\"code\":\"ADAOS-R002\",\"title\":\"off\\nline\"}"),
         Problem::hub_offline, "status 503, ADAOS-R002, off line"},
        {with_body("401 No", json, "{\"code\":\"ADAOS-A001\",\"detail\":\"x\"}"),
         Problem::bad_answer, "status 401, ADAOS-A001, x"},
        {with_body("503 No", json, "not json"), Problem::bad_answer, "status 503"},
        {with_body("200 OK", "text/plain", "hi"), Problem::bad_answer, "status 200"},
        {"HTTP/1.1 101 Up\r\n\r\n", Problem::bad_answer, "a 101 without Upgrade"},
        {up + "\r\n", Problem::bad_answer, "Sec-WebSocket-Accept"},
        {up + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", Problem::bad_answer,
         "Sec-WebSocket-Accept"},
        {"SSH-2.0-x\r\n\r\n", Problem::bad_answer, ""},
        {"", Problem::unreachable, "the connection ended before the answer"},
    }));
    CAPTURE(row.answer);

    auto const got = connect_to(row.answer);

    REQUIRE(got.has_error());
    CHECK(got.error().code == row.problem);
    if (!row.context.empty()) CHECK(got.error().context == row.context);
}

}  // namespace adaos::ws_handshake_test
