#include "net/http_session.hpp"

#include "base/problem.hpp"
#include "support/http_world.hpp"

namespace adaos::http_session_test {

using namespace adaos::net;
using test::echo, test::get, test::holds, test::say_target, test::Scripted, test::serve,
    test::stream_two, test::without_date;

TEST_CASE("a request is answered in one write, with a date and a length", "[net][http]") {
    Scripted handler(say_target);

    auto const got = serve(handler, {get});

    CHECK(got.record->writes == 1);
    CHECK(holds(got.out, "\r\nDate: "));
    CHECK(holds(got.out, " GMT\r\n"));
    CHECK(without_date(got.out) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n/a");
    CHECK(got.record->closed);
    CHECK_FALSE(got.record->aborted);
}

TEST_CASE("pipelined requests are answered in order, in any chunking", "[net][http]") {
    auto const step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{4096});
    std::string const wire = get + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz" +
                             "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "1\r\nx\r\n0\r\n\r\nGET /d HTTP/1.1\r\nHost: h\r\n\r\n";
    std::deque<std::string> chunks;
    for (std::size_t i = 0; i < wire.size(); i += step) chunks.push_back(wire.substr(i, step));
    Scripted handler(say_target);

    auto const out = serve(handler, chunks).out;

    CHECK(handler.calls == 4);
    auto const a = out.find("/a"), b = out.find("/b"), c = out.find("/c"), d = out.find("/d");
    CHECK((a < b && b < c && c < d && d != std::string::npos));
}

TEST_CASE("a body reaches the handler decoded, trailers included", "[net][http]") {
    Scripted handler(echo);

    auto const out =
        serve(handler, {"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel", "lo",
                        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab",
                        "\r\n3\r\ncde\r\n0\r\nT: 1\r\n\r\n"})
            .out;

    CHECK(holds(out, "\r\n\r\nhello"));
    CHECK(holds(out, "\r\n\r\nabcde|T=1"));
}

TEST_CASE("a body of unknown length is chunked, and closed for an HTTP/1.0 client", "[net][http]") {
    Scripted handler(stream_two);

    auto const chunked = serve(handler, {get + get}).out;
    auto const closed =
        serve(handler, {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get}).out;

    auto const answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nX-End: "
        "yes\r\n\r\n";
    CHECK(without_date(chunked) == std::string(answer) + answer);
    CHECK(without_date(closed) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo");
}

TEST_CASE("HEAD, 204 and 304 carry no body", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        auto const status = static_cast<unsigned>(std::stoul(e.request().target.substr(1)));
        (void)co_await respond_text(e, status, "text/plain", "body");
    });

    auto const out = without_date(serve(handler, {"HEAD /200 HTTP/1.1\r\nHost: h\r\n\r\n"
                                                  "GET /204 HTTP/1.1\r\nHost: h\r\n\r\n"
                                                  "GET /304 HTTP/1.1\r\nHost: h\r\n\r\n"})
                                      .out);

    CHECK(out ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n"
          "HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\n\r\n"
          "HTTP/1.1 304 Not Modified\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n");
}

TEST_CASE("an answer without a body says so", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const none;
        (void)co_await e.respond(std::move(head), none);
        Fields no_trailers;
        (void)co_await e.finish(std::move(no_trailers));
    });

    CHECK(without_date(serve(handler, {get}).out) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("the connection closes when either side says so", "[net][http]") {
    Scripted handler(say_target);
    auto const stop = GENERATE(false, true);
    auto const first = GENERATE(
        values<std::string>({"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                             "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"}));
    CAPTURE(stop, first);
    bool const closes = stop || first.find("Host: h\r\n\r\n") == std::string::npos;

    auto const out = serve(handler, {first + get}, stop).out;

    CHECK(handler.calls == (closes ? 1 : 2));
    CHECK(holds(out, "Connection: close\r\n") == closes);
}

TEST_CASE("an HTTP/1.0 client may keep the connection, and gets no informational heads",
          "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead hints;
        hints.status = 103;
        (void)co_await e.inform(std::move(hints));
        co_await say_target(e);
    });

    auto const old = serve(handler, {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + get}).out;

    CHECK(handler.calls == 2);
    CHECK(old.find("HTTP/1.1 103 Early Hints\r\n\r\n") > old.find("Connection: keep-alive"));
}

TEST_CASE("what is not acceptable is refused with problem+json and the connection ends",
          "[net][http]") {
    struct Row {
        std::string wire, status, code;
    };
    auto const row = GENERATE(values<Row>({
        {"GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "ADAOS-B001"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400 Bad Request", "ADAOS-B001"},
        {"GET /" + std::string(max_head_bytes, 'a'), "431 Request Header Fields Too Large",
         "ADAOS-B005"},
        {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", "501 Not Implemented", "ADAOS-B001"},
        {"\x16\x03\x01", "400 Bad Request", "ADAOS-B001"},
    }));
    CAPTURE(row.wire);
    Scripted handler(say_target);

    auto const got = serve(handler, {row.wire + get});

    CHECK(handler.calls == 0);
    CHECK(got.out.starts_with("HTTP/1.1 " + row.status + "\r\n"));
    CHECK(holds(got.out, "Content-Type: application/problem+json\r\n"));
    CHECK(holds(got.out, "Connection: close\r\n"));
    CHECK(holds(got.out, "\"code\":\"" + row.code + "\""));
    CHECK(got.record->closed);
}

TEST_CASE("broken framing of a body is the client's fault, not ours", "[net][http]") {
    Scripted handler(echo);

    auto const out =
        serve(handler,
              {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + get})
            .out;

    CHECK(out.starts_with("HTTP/1.1 400 "));
    CHECK(holds(out, "Connection: close\r\n"));
    CHECK(handler.calls == 1);
}

TEST_CASE("a silent or throwing handler is a 500, half an answer an abort", "[net][http]") {
    Scripted silent([](Exchange&) -> Task<void> { co_return; });
    Scripted throwing([](Exchange&) -> Task<void> {
        throw std::runtime_error("oops");
        co_return;
    });
    Scripted half([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::length, 5};
        (void)co_await e.respond(std::move(head), framing);
        std::string const text = "abc";
        (void)co_await e.write(as_bytes(text));
    });
    Scripted unfinished([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::chunked, 0};
        (void)co_await e.respond(std::move(head), framing);
    });

    CHECK(serve(silent, {get}).out.starts_with("HTTP/1.1 500 "));
    CHECK(serve(throwing, {get}).out.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(serve(silent, {get}).record->aborted);
    CHECK(serve(half, {get}).record->aborted);
    CHECK(serve(unfinished, {get}).record->aborted);
}

TEST_CASE("a handler cannot write more or less than it declared", "[net][http]") {
    std::vector<bool> failed;
    Scripted handler([&failed](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::length, 3};
        (void)co_await e.respond(std::move(head), framing);
        std::string const two = "ab";
        auto const a = co_await e.write(as_bytes(two));
        auto const b = co_await e.write(as_bytes(two));
        Fields none;
        auto const c = co_await e.finish(none);
        std::string const one = "c";
        auto const d = co_await e.write(as_bytes(one));
        auto const f = co_await e.finish(none);
        failed = {a.has_error(), b.has_error(), c.has_error(), d.has_error(), f.has_error()};
        CHECK(c.error().code == HttpErrc::body_mismatch);
    });

    auto const got = serve(handler, {get});

    CHECK(failed == std::vector<bool>{false, true, true, false, false});
    CHECK(got.out.ends_with("\r\n\r\nabc"));
}

TEST_CASE("a head that could be split is not sent", "[net][http][smuggling]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead head;
        head.fields.add("X", "a\r\nSet-Cookie: b");
        Framing const none;
        auto const sent = co_await e.respond(std::move(head), none);
        CHECK(sent.has_error());
        CHECK_FALSE(e.responded());
    });

    auto const out = serve(handler, {get}).out;

    CHECK(out.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(holds(out, "Set-Cookie"));
}

TEST_CASE("errors are told as RFC 9457 bodies from the table", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        Fields extra;
        extra.add("Retry-After", "7");
        extra.add("Proxy-Status", "hub; error=x");
        Error error(Problem::hub_offline, "say \"hi\"\n\xff");
        (void)co_await respond_problem(e, std::move(error), std::move(extra));
    });

    auto const got = serve(handler, {get});

    CHECK(got.record->writes == 1);
    CHECK(got.out.starts_with("HTTP/1.1 503 "));
    CHECK(holds(got.out, "Retry-After: 7\r\n"));
    CHECK(holds(got.out, "Proxy-Status: hub; error=x\r\n"));
    CHECK(got.out.substr(got.out.find("\r\n\r\n") + 4) ==
          "{\"type\":\"/errors/ADAOS-R002\",\"title\":\"the hub is "
          "offline\",\"status\":503,"
          "\"detail\":\"say \\\"hi\\\"\\u000a\\u00ff\",\"code\":\"ADAOS-R002\",\"next\":\"" +
              std::string(describe(make_error_code(Problem::hub_offline)).next) +
              "\",\"retry_after_seconds\":7}");
    CHECK(problem_json(Error(Problem::unauthorized)).find("detail") == std::string::npos);
}

}  // namespace adaos::http_session_test
