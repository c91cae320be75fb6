#include "base/json_body.hpp"
#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::json_body_test {

namespace {

std::string wrong(JsonBody const& body) {
    auto const checked = body.check();
    return checked ? "" : checked.error().message();
}

}  // namespace

TEST_CASE("a body is a JSON object", "[base][json]") {
    for (auto const* const text : {"", "[]", "1", "null", "{\"a\":1} x"})
        CHECK(JsonBody::parse(text).error().code == Problem::bad_request);
    CHECK(JsonBody::parse("{}").has_value());
}

TEST_CASE("members that are absent or null have their fallback", "[base][json]") {
    auto body = JsonBody::parse(R"({"t":null,"i":null,"l":null})").value();

    for (auto const* const key : {"t", "none"}) CHECK(body.text(key, 9, "else") == "else");
    for (auto const* const key : {"i", "none"}) CHECK(body.integer(key, 1, 5, 3) == 3);
    for (auto const* const key : {"l", "none"}) CHECK(body.texts(key, 9, 9).empty());
    CHECK(body.check().has_value());
}

TEST_CASE("a member that is an object is read by the same rules", "[base][json]") {
    auto body = JsonBody::parse(R"({"o":{"i":9},"n":null,"s":"x"})").value();

    auto inner = body.object("o");
    auto none = body.object("n");

    CHECK(inner.integer("i", 1, 9, 0) == 9);
    CHECK(none.integer("i", 1, 9, 3) == 3);
    CHECK(body.check().has_value());
    CHECK(inner.integer("i", 1, 8, 0) == 0);
    CHECK(wrong(inner).find("i: ") != std::string::npos);
    CHECK(body.object("s").check().has_value());
    CHECK(wrong(body).find("s: not an object") != std::string::npos);
}

TEST_CASE("members that are there are read within their limits", "[base][json]") {
    auto body = JsonBody::parse(R"({"t":"abc","i":5,"l":["a","bc"]})").value();

    CHECK(body.text("t", 3) == "abc");
    CHECK(body.integer("i", 5, 5, 0) == 5);
    CHECK(body.texts("l", 2, 2) == std::vector<std::string>{"a", "bc"});
    CHECK(body.check().has_value());
}

TEST_CASE("the first member of a wrong type, size or range is named", "[base][json]") {
    auto const parsed =
        JsonBody::parse(R"({"t":"abcd","n":7,"z":"a\u0000b","i":"7","l":["a",1],"m":{}})").value();
    auto const named = [&](auto const& read, char const* key) {
        auto body = parsed;
        read(body, key);
        body.refuse("later", "is not told");
        INFO(key << " " << wrong(body));
        CHECK(wrong(body).find(std::string(key) + ": ") != std::string::npos);
    };
    auto const text = [](JsonBody& b, char const* key) { CHECK(b.text(key, 3, "x") == "x"); };
    auto const integer = [](JsonBody& b, char const* key) { CHECK(b.integer(key, 1, 6, 2) == 2); };
    auto const texts = [](JsonBody& b, char const* key) { CHECK(b.texts(key, 1, 9).empty()); };

    for (auto const* const key : {"t", "n", "z"}) named(text, key);
    for (auto const* const key : {"n", "i", "t"}) named(integer, key);
    for (auto const* const key : {"l", "m", "t"}) named(texts, key);
}

}  // namespace adaos::json_body_test
