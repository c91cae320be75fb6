#include "base/json.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::json_test {

namespace {

std::string nested(int depth, std::string const& open, std::string const& close) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    text += "1";
    for (int i = 0; i < depth; ++i) text += close;
    return text;
}

std::string object_of(std::size_t keys) {
    std::string text = "{";
    for (std::size_t i = 0; i < keys; ++i)
        text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return text + "}";
}

std::string why_refused(std::string_view text) {
    auto const parsed = parse_json(text);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == Problem::bad_request);
    return parsed.error().context;
}

}  // namespace

TEST_CASE("JSON keeps the order of its keys", "[base][json]") {
    auto const parsed = parse_json(R"({"b":1,"a":[true,null,"x"]})");

    REQUIRE(parsed.has_value());
    CHECK(dump(*parsed) == R"({"b":1,"a":[true,null,"x"]})");
    CHECK(dump_pretty(Json::object({{"a", 1}})) == "{\n  \"a\": 1\n}");
}

TEST_CASE("JSON may be 32 deep and no deeper", "[base][json]") {
    CHECK(parse_json(nested(32, "[", "]")).has_value());
    CHECK(why_refused(nested(33, "[", "]")) == "JSON nested too deep");
    CHECK(parse_json(nested(32, R"({"a":)", "}")).has_value());
    CHECK(why_refused(nested(33, R"({"a":)", "}")) == "JSON nested too deep");
    CHECK(why_refused(std::string(1'000'000, '[')) == "JSON nested too deep");
}

TEST_CASE("brackets inside texts do not count as depth", "[base][json]") {
    auto const brackets = std::string(40, '[');

    CHECK(parse_json("\"" + brackets + "\"").has_value());
    CHECK(parse_json(R"({"\")" + brackets + R"(":"\\"})").has_value());
    CHECK(why_refused(R"(["\\",)" + nested(32, "[", "]") + "]") == "JSON nested too deep");
}

TEST_CASE("a key comes once in an object", "[base][json]") {
    CHECK(parse_json(R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]})").has_value());
    for (auto const* const bad :
         {R"({"a":1,"a":1})", R"({"x":{"a":1,"b":2,"a":3}})", R"([{"a":1},{"a":1,"a":2}])",
          R"({"a":1,"\u0061":2})", R"({"a":{"b":1},"a":{}})", R"({"":1,"":2})"}) {
        CAPTURE(bad);
        CHECK(why_refused(bad) == "JSON with a duplicate key");
    }
}

TEST_CASE("an object has as many keys as the limit and no more", "[base][json]") {
    CHECK(parse_json(object_of(max_json_keys))->size() == max_json_keys);
    CHECK(why_refused(object_of(max_json_keys + 1)) == "JSON with too many keys in one object");
    CHECK(why_refused(object_of(100'000)) == "JSON with too many keys in one object");
}

TEST_CASE("what is not one JSON value is refused", "[base][json]") {
    auto const text = GENERATE(as<std::string>(), "", " ", "{", "{}x", "{} {}", "{a:1}", "[1,]",
                               "nul", "'a'", "// c\n1", "\"\xff\"", "01", "1e999", "]]]", "\"\n\"",
                               std::string("1\0", 2), std::string("{}\0{", 4));
    CAPTURE(text);

    CHECK(why_refused(text) == "not valid JSON");
}

TEST_CASE("members are found only when they have the type that was asked for", "[base][json]") {
    auto const json = parse_json(R"({"s":"x","i":-7,"b":true,"d":1.5,"n":null})").value();

    CHECK(find_string(json, "s") == "x");
    CHECK(find_integer(json, "i") == -7);
    CHECK(find_bool(json, "b") == true);
    CHECK(string_or_empty(json, "s") == "x");
    CHECK(string_or_empty(json, "i").empty());
    for (auto const* const key : {"i", "b", "d", "n", "none"}) CHECK_FALSE(find_string(json, key));
    for (auto const* const key : {"s", "b", "d", "n", "none"}) CHECK_FALSE(find_integer(json, key));
    for (auto const* const key : {"s", "i", "d", "n", "none"}) CHECK_FALSE(find_bool(json, key));
    CHECK_FALSE(find_string(Json::array({"s"}), "s"));
    CHECK_FALSE(find_string(Json("s"), "s"));
}

TEST_CASE("an integer is found up to the largest that fits and not past it", "[base][json]") {
    auto const find = [](std::string const& number) {
        return find_integer(parse_json(R"({"n":)" + number + "}").value(), "n");
    };

    CHECK(find("9223372036854775807") == INT64_MAX);
    CHECK(find("-9223372036854775808") == INT64_MIN);
    CHECK_FALSE(find("9223372036854775808"));
    CHECK_FALSE(find("18446744073709551615"));
    CHECK_FALSE(find("-9223372036854775809"));
}

TEST_CASE("bytes that are not UTF-8 are written as U+FFFD", "[base][json]") {
    CHECK(dump(Json("a\xff")) == "\"a\xef\xbf\xbd\"");
}

}  // namespace adaos::json_test
