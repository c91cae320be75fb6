#include "enrol/join_code.hpp"

#include "base/json.hpp"
#include "base/problem.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <set>

namespace adaos::join_code_test {

using namespace adaos::enrol;

namespace {

Json load_vectors() {
    std::ifstream file(std::string(ADAOS_VECTORS) + "/join_code.json");
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    auto parsed = parse_json(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

}  // namespace

TEST_CASE("the join code vectors hold: canonical form, display, slot and MAC", "[enrol][vectors]") {
    auto const vectors = load_vectors();
    REQUIRE(vectors.at("valid").size() == 7);

    for (auto const& row : vectors.at("valid")) {
        auto const typed = row.at("typed").get<std::string>();
        CAPTURE(typed);
        auto const key = from_hex(row.at("mac_key").get<std::string>());
        REQUIRE(key);

        auto const code = parse_code(typed);

        REQUIRE(code.has_value());
        CHECK(code->reveal() == row.at("code").get<std::string>());
        CHECK(display_code(*code) == row.at("display").get<std::string>());
        CHECK(code_slot(*code) == row.at("slot").get<std::string>());
        CHECK(to_hex(code_mac(*key, *code)) == row.at("mac").get<std::string>());
    }
}

TEST_CASE("what is no join code is refused with the reason of its vector", "[enrol][vectors]") {
    auto const vectors = load_vectors();
    REQUIRE(vectors.at("refused").size() == 13);

    for (auto const& row : vectors.at("refused")) {
        auto const typed = row.at("typed").get<std::string>();
        CAPTURE(typed);

        auto const code = parse_code(typed);

        REQUIRE(code.has_error());
        CHECK(describe(code.error().code).slug == row.at("problem").get<std::string>());
    }
}

TEST_CASE("a fresh code has the asked length, only symbols of the alphabet, and parses as itself",
          "[enrol]") {
    auto const length = GENERATE(8, 10, 12);
    test::SeededRandom random;
    std::set<char> seen;

    for (int i = 0; i < 200; ++i) {
        auto const code = make_code(random, length);
        REQUIRE(code.reveal().size() == static_cast<std::size_t>(length));
        REQUIRE(code.reveal().find_first_not_of(code_alphabet) == std::string::npos);
        seen.insert(code.reveal().begin(), code.reveal().end());

        auto const parsed = parse_code(display_code(code));

        REQUIRE(parsed.has_value());
        CHECK(parsed->reveal() == code.reveal());
    }
    CHECK(seen.size() == code_alphabet.size());
}

TEST_CASE("only 8, 10 and 12 are lengths of a code", "[enrol]") {
    for (int length = -1; length <= 16; ++length) {
        CAPTURE(length);
        auto const checked = check_code_length(length);
        bool const fine = length == 8 || length == 10 || length == 12;
        CHECK(checked.has_value() == fine);
        if (!fine) CHECK(checked.error().code == Problem::invalid_field);
    }
}

TEST_CASE("64 bytes may be typed for a code, not 65", "[enrol]") {
    std::string const code = "ABCDEFGH";

    CHECK(parse_code(code + std::string(56, ' ')).has_value());
    CHECK(parse_code(code + std::string(57, ' ')).error().code == Problem::code_malformed);
}

TEST_CASE("an error about a code never holds what was typed", "[enrol]") {
    auto const typed = GENERATE("SECRET-WORD", "SECRETWI", "SECRET");

    auto const parsed = parse_code(typed);

    REQUIRE(parsed.has_error());
    CHECK(parsed.error().message().find("SECRET") == std::string::npos);
}

}  // namespace adaos::join_code_test
