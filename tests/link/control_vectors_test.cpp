#include "base/bytes.hpp"
#include "base/json.hpp"
#include "link/control_message.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

namespace adaos::control_vectors_test {

using namespace adaos::link;

namespace {

Json const& vectors() {
    static Json const loaded = [] {
        std::ifstream file(ADAOS_VECTORS "/control.json");
        std::ostringstream text;
        text << file.rdbuf();
        return parse_json(text.str()).value();
    }();
    return loaded;
}

}  // namespace

TEST_CASE("control messages are encoded and decoded as the vectors say", "[link][control]") {
    for (auto const& vector : vectors().at("both")) {
        auto const json = string_or_empty(vector, "json");
        INFO(string_or_empty(vector, "name"));

        auto const message = decode(json);
        REQUIRE(message.has_value());
        auto const frame = encode(*message);
        REQUIRE(frame.has_value());

        CHECK(frame->substr(4) == json);
        CHECK(from_hex(to_hex(as_bytes(*frame).first(4))).value().back() ==
              static_cast<std::byte>(json.size() & 0xff));
        if (auto const hex = find_string(vector, "frame")) CHECK(to_hex(as_bytes(*frame)) == *hex);
        CHECK(decode(frame->substr(4)).value() == *message);
    }
}

TEST_CASE("control messages with more or less than expected are accepted", "[link][control]") {
    for (auto const& vector : vectors().at("decode")) {
        INFO(string_or_empty(vector, "name"));
        auto const message = decode(string_or_empty(vector, "json"));
        REQUIRE(message.has_value());
        CHECK_FALSE(std::holds_alternative<UnknownMessage>(*message));
    }
    for (auto const& vector : vectors().at("ignore")) {
        INFO(string_or_empty(vector, "name"));
        auto const message = decode(string_or_empty(vector, "json"));
        REQUIRE(message.has_value());
        CHECK(std::holds_alternative<UnknownMessage>(*message));
    }
}

TEST_CASE("malformed control messages are refused", "[link][control]") {
    for (auto const& vector : vectors().at("refuse")) {
        INFO(string_or_empty(vector, "name"));
        CHECK(decode(string_or_empty(vector, "json")).has_error());
    }
}

}  // namespace adaos::control_vectors_test
