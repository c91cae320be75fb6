#include "base/log.hpp"

#include "base/json.hpp"
#include "support/log_lines.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>

namespace adaos::log_test {

namespace {

/// What `write` puts on stderr; short enough for a pipe.
std::string stderr_of(std::function<void()> const& write) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto const before = ::dup(STDERR_FILENO);
    REQUIRE(::dup2(ends[1], STDERR_FILENO) >= 0);
    write();
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    ::close(ends[1]);
    std::string out(64 * 1024, '\0');
    auto const n = ::read(ends[0], out.data(), out.size());
    ::close(ends[0]);
    out.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return out;
}

std::string line(StderrSink::Form form, std::string const& value) {
    return stderr_of([&] {
        StderrSink sink(form, Level::debug);
        Log(sink).info("text", {{"key", value}});
    });
}

}  // namespace

TEST_CASE("a log carries its bound fields on every line", "[base][log]") {
    test::LogLines lines;
    auto const log = lines.log().with("node", "n1").with("subnet", "s");

    log.warning("link lost", {{"why", "timeout"}});
    lines.log().debug("other");

    REQUIRE(lines.lines.size() == 2);
    CHECK(lines.lines[0] == "warning link lost node=n1 subnet=s why=timeout");
    CHECK(lines.lines[1] == "debug other");
}

TEST_CASE("a log without a sink drops everything", "[base][log]") {
    Log const log;

    log.with("a", "b").error("nobody hears this");
}

TEST_CASE("lines below the least level are dropped", "[base][log]") {
    auto const out = stderr_of([] {
        StderrSink sink(StderrSink::Form::human, Level::warning);
        Log const log(sink);
        log.debug("no");
        log.info("no");
        log.warning("first");
        log.error("second");
    });

    CHECK_THAT(out, Catch::Contains(" warning first\n") && Catch::Contains(" error   second\n"));
    CHECK(out.find("no") == std::string::npos);
}

TEST_CASE("a human line is time, level, text and fields", "[base][log]") {
    auto const out = line(StderrSink::Form::human, "two words");

    CHECK(out.substr(20) == " info    text key=\"two words\"\n");
    CHECK_THAT(line(StderrSink::Form::human, ""), Catch::EndsWith("key=\"\"\n"));
    CHECK_THAT(line(StderrSink::Form::human, "one"), Catch::EndsWith("key=one\n"));
}

TEST_CASE("a peer's text cannot forge a line or drive a terminal", "[base][log]") {
    auto const form = GENERATE(StderrSink::Form::human, StderrSink::Form::json);
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    for (int c = 0x80; c < 0xa0; ++c) all += std::string("\xc2") + static_cast<char>(c);

    auto const out = line(form, all +
                                    "\x1b[2J\r\n\xc2\x9b"
                                    "2J");

    CHECK(std::count(out.begin(), out.end(), '\n') == 1);
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
        auto const u = static_cast<unsigned char>(out[i]);
        if (u < 0x20 || u == 0x7f) FAIL("a control byte at " << i);
        if (u == 0xc2 && static_cast<unsigned char>(out[i + 1]) < 0xa0) FAIL("C1 at " << i);
    }
}

TEST_CASE("a JSON line is JSON, whatever the value", "[base][log]") {
    std::string all;
    for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
    auto const value = GENERATE_COPY(
        as<std::string>(), "plain", "a\"b\\c", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
        "\xed\xa0\x80", "\xc0\x80", "\xf5\x80\x80\x80", "\xe2\x82", std::string("a\0b", 3), all);

    auto const json = parse_json(line(StderrSink::Form::json, value));

    REQUIRE(json.has_value());
    CHECK(find_string(*json, "level") == "info");
    CHECK(find_string(*json, "msg") == "text");
    REQUIRE(find_string(*json, "key"));
}

TEST_CASE("text that is UTF-8 is logged as it is, the rest as U+FFFD", "[base][log]") {
    auto const logged = [](std::string const& value) {
        return string_or_empty(parse_json(line(StderrSink::Form::json, value)).value(), "key");
    };

    for (std::string const same : {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "a\"\\\n\x7f\xc2\x85",
                                   "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\xe0\xa0\x80"})
        CHECK(logged(same) == same);
    CHECK(logged("a\xff"
                 "b") ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(logged("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(logged("\xc0\xaf") == "\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace adaos::log_test
