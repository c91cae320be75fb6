#include "base/json.hpp"
#include "base/problem.hpp"
#include "enrol/pake.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace adaos::pake_json_test {

using namespace adaos::enrol;

namespace {

Json vector() {
    std::ifstream file(std::string(ADAOS_VECTORS) + "/pake_join.json");
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    return parse_json(text).value();
}

std::string text_of(Json const& row, char const* key) {
    return row.at(key).get<std::string>();
}

Bytes bytes_of(Json const& row, char const* key) {
    return from_hex(text_of(row, key)).value();
}

/// Gives out the bytes it was made with, in order.
struct Scripted final : Random {
    explicit Scripted(Bytes all) : bytes(std::move(all)) {}
    void fill(std::span<std::byte> out) override {
        REQUIRE(used + out.size() <= bytes.size());
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(used), out.size(), out.begin());
        used += out.size();
    }
    Bytes bytes;
    std::size_t used = 0;
};

/// `body` with `key` set to `value`, or without it.
std::string with(std::string const& body, char const* key, Json value) {
    auto json = parse_json(body).value();
    json[key] = std::move(value);
    return dump(json);
}
std::string without(std::string const& body, char const* key) {
    auto json = parse_json(body).value();
    json.erase(key);
    return dump(json);
}

struct Field {
    char const* body;  ///< its name in the vector
    char const* key;
};

/// What the parser of the body says to `text`.
Error parse(std::string const& body, std::string const& text) {
    auto const error = [](auto const& parsed) { return parsed ? Error() : parsed.error(); };
    if (body == "params_request") return error(parse_params_request(text));
    if (body == "params_answer") return error(parse_params_answer(text));
    if (body == "share") return error(parse_share(text));
    if (body == "share_answer") return error(parse_share_answer(text));
    if (body == "finish") return error(parse_finish(text));
    return error(parse_finish_answer(text));
}

bool is_answer(std::string const& body) {
    return body.ends_with("answer");
}

}  // namespace

TEST_CASE("a PAKE join has its vector, body for body", "[enrol][pake][vectors]") {
    auto const row = vector();
    Secret const code(text_of(row, "code"));
    pki::ScryptCost const cost{row.at("n").get<std::uint32_t>(), 8, 1};
    Scripted member(bytes_of(row, "member_random"));
    Scripted authority(bytes_of(row, "authority_random"));

    auto const verifier = PakeVerifier::make(bytes_of(row, "mac_key"), code, cost).value();
    PakeClient client(code, member);
    PakeServer server(client.params_body(), text_of(row, "authority_id"), verifier, authority);
    auto const share = client.take_params(server.params_body()).value();
    auto const share_answer = server.take_share(share).value();
    auto const finish = client.take_share(share_answer, text_of(row, "order")).value();
    auto const order = server.take_finish(finish).value();
    auto const finish_answer = server.seal_answer(text_of(row, "outcome")).value();
    auto const outcome = client.take_finish(finish_answer).value();

    CHECK(to_hex(verifier.to_blob()) == text_of(row, "verifier"));
    CHECK(client.params_body() == text_of(row, "params_request"));
    CHECK(server.params_body() == text_of(row, "params_answer"));
    CHECK(write_json(share) == text_of(row, "share"));
    CHECK(write_json(share_answer) == text_of(row, "share_answer"));
    CHECK(write_json(finish) == text_of(row, "finish"));
    CHECK(write_json(finish_answer) == text_of(row, "finish_answer"));
    CHECK(order == text_of(row, "order"));
    CHECK(outcome == text_of(row, "outcome"));
    CHECK(member.used == member.bytes.size());
    CHECK(authority.used == authority.bytes.size());
}

TEST_CASE("the fake verifier has its vector", "[enrol][pake][vectors]") {
    auto const row = vector();

    auto const fake =
        PakeVerifier::fake(bytes_of(row, "mac_key"), text_of(row, "code").substr(0, 2));

    CHECK(to_hex(fake.to_blob()) == text_of(row, "fake_verifier"));
}

TEST_CASE("every body comes back from its JSON", "[enrol][pake][vectors]") {
    auto const row = vector();
    auto const body = [&](char const* name) { return text_of(row, name); };

    CHECK(write_json(parse_params_request(body("params_request")).value()) ==
          body("params_request"));
    CHECK(write_json(parse_params_answer(body("params_answer")).value()) == body("params_answer"));
    CHECK(write_json(parse_share(body("share")).value()) == body("share"));
    CHECK(write_json(parse_share_answer(body("share_answer")).value()) == body("share_answer"));
    CHECK(write_json(parse_finish(body("finish")).value()) == body("finish"));
    CHECK(write_json(parse_finish_answer(body("finish_answer")).value()) == body("finish_answer"));
}

TEST_CASE("a member that is missing, of another type or another length is named", "[enrol][pake]") {
    auto const row = vector();
    auto const field = GENERATE(
        Field{"params_request", "v"}, Field{"params_request", "slot"},
        Field{"params_request", "nM"}, Field{"params_request", "suites"},
        Field{"params_answer", "sid"}, Field{"params_answer", "nH"},
        Field{"params_answer", "authority_id"}, Field{"params_answer", "salt"},
        Field{"params_answer", "kdf"}, Field{"params_answer", "suite"}, Field{"share", "sid"},
        Field{"share", "shareP"}, Field{"share_answer", "shareV"},
        Field{"share_answer", "confirmV"}, Field{"finish", "sid"}, Field{"finish", "confirmP"},
        Field{"finish", "box1"}, Field{"finish_answer", "box2"});
    auto const body = text_of(row, field.body);
    auto const expected = is_answer(field.body) ? Problem::bad_answer : Problem::invalid_field;
    CAPTURE(field.body, field.key);

    for (auto const& bad :
         {without(body, field.key), with(body, field.key, nullptr), with(body, field.key, true),
          with(body, field.key, 7), with(body, field.key, "A A"),
          with(body, field.key, Json::array({1})), with(body, field.key, Json::object())}) {
        CAPTURE(bad);
        auto const error = parse(field.body, bad);
        CHECK(error.code == expected);
        CHECK(error.context.starts_with(std::string(field.key) + ":"));
    }
}

TEST_CASE("base64 that could be written in another way is refused", "[enrol][pake]") {
    auto const row = vector();
    auto const body = text_of(row, "share");
    auto const sid = parse_json(body).value().at("sid").get<std::string>();
    auto const bare = sid.substr(0, sid.find('='));

    for (auto const& bad : {bare, bare + "=", " " + sid, sid + "\n", bare.substr(0, 21) + "x=="})
        CHECK(parse("share", with(body, "sid", bad)).code == Problem::invalid_field);
}

TEST_CASE("a downgraded scrypt is refused before it runs", "[enrol][pake]") {
    auto const row = vector();
    auto const body = text_of(row, "params_answer");
    for (auto const* const kdf :
         {R"({"name":"scrypt","n":8192,"r":8,"p":1})",
          R"({"name":"scrypt","n":262144,"r":8,"p":1})",
          R"({"name":"scrypt","n":16385,"r":8,"p":1})",
          R"({"name":"scrypt","n":16384,"r":1,"p":1})",
          R"({"name":"scrypt","n":16384,"r":8,"p":2})",
          R"({"name":"pbkdf2","n":16384,"r":8,"p":1})",
          R"({"name":"scrypt","n":4294983680,"r":8,"p":1})", R"({"name":"scrypt","r":8,"p":1})",
          R"({"name":"scrypt","n":"16384","r":8,"p":1})", R"({"n":16384,"r":8,"p":1})"}) {
        Scripted member(bytes_of(row, "member_random"));
        int ran = 0;
        PakeClient client(Secret(text_of(row, "code")), member,
                          [&](auto const&...) -> Result<pki::SpakeSecrets> {
                              ++ran;
                              return Error(Problem::internal);
                          });

        auto const taken = client.take_params(with(body, "kdf", parse_json(kdf).value()));

        CHECK(taken.error().code == Problem::bad_answer);
        CHECK(ran == 0);
    }
}

TEST_CASE("a suite that was not offered, or not ours, is refused", "[enrol][pake]") {
    auto const row = vector();
    auto const other = "P256-SHA512-HKDF-SHA512-HMAC-SHA512";

    CHECK(parse("params_answer", with(text_of(row, "params_answer"), "suite", other)).code ==
          Problem::bad_answer);
    auto const request = text_of(row, "params_request");
    CHECK(parse("params_request", with(request, "suites", Json::array({other}))).code ==
          Problem::invalid_field);
    CHECK_FALSE(parse("params_request",
                      with(request, "suites", Json::array({other, std::string(pake_suite)})))
                    .code);
}

TEST_CASE("an authority's id is visible ASCII, 128 bytes at most", "[enrol][pake]") {
    auto const body = text_of(vector(), "params_answer");
    auto const code = [&](std::string const& id) {
        return parse("params_answer", with(body, "authority_id", id)).code;
    };

    CHECK_FALSE(code(std::string(128, 'x')));
    for (auto const& bad : {std::string(129, 'x'), std::string("a b"), std::string("a\x1b[31m"),
                            std::string("\xc3\xa4")})
        CHECK(code(bad) == Problem::bad_answer);
}

TEST_CASE("boxes and bodies are read up to their limits", "[enrol][pake]") {
    auto const body = text_of(vector(), "finish");
    auto const code = [&](std::size_t size) {
        return parse("finish", with(body, "box1", to_base64(Bytes(size)))).code;
    };

    CHECK_FALSE(code(pki::box_tag_bytes));
    CHECK_FALSE(code(max_box_bytes));
    CHECK(code(pki::box_tag_bytes - 1) == Problem::invalid_field);
    CHECK(code(max_box_bytes + 1) == Problem::invalid_field);
    auto const padded = body + std::string(max_pake_body_bytes - body.size(), ' ');
    CHECK_FALSE(parse("finish", padded).code);
    CHECK(parse("finish", padded + ' ').code == Problem::body_too_large);
    CHECK(parse("finish_answer", padded + ' ').code == Problem::bad_answer);
    CHECK(parse("finish", "[]").code == Problem::bad_request);
    CHECK(parse("finish_answer", "[]").code == Problem::bad_answer);
}

}  // namespace adaos::pake_json_test
