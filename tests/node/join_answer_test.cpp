#include "node/join_answer.hpp"

#include "base/problem.hpp"
#include "pki/authority.hpp"
#include "support/seeded_random.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

namespace adaos::join_answer_test {

using namespace adaos::node;

namespace {

struct Door {
    test::SeededRandom random;
    test::TestClock clock;
    pki::Key key = *pki::Key::make(pki::KeyType::p256);
    pki::Authority root =
        *pki::Authority::make("root", "", pki::KeyType::p256, clock.wall(), random);
    std::string node_id = random.uuid();
    std::string pin = root.certificate().fingerprint();

    JoinAnswer answer(pki::NodeIdentity const& who, pki::Key const& subject) {
        JoinAnswer out;
        out.subnet_id = "sn_12345678";
        out.node_id = node_id;
        out.hub_node_id = random.uuid();
        out.cert_pem = *root.issue_node(subject, who, clock.wall(), random);
        out.ca_pem = root.certificate().to_pem();
        out.hub_url = "https://root/hubs/sn_12345678";
        return out;
    }
    JoinAnswer good() { return answer({"sn_12345678", node_id, false}, key); }
    Result<void> check(JoinAnswer const& given) {
        return check_join_answer(given, {key, node_id, pin, clock.wall()});
    }
};

}  // namespace

TEST_CASE("an answer with our certificate under the pinned CA is believed", "[node][join]") {
    Door door;

    CHECK(door.check(door.good()).has_value());
}

TEST_CASE("an answer that is not for this node is not believed", "[node][join]") {
    Door door;
    auto const stranger = *pki::Key::make(pki::KeyType::p256);
    auto answer = door.good();
    SECTION("another key") {
        answer = door.answer({"sn_12345678", door.node_id, false}, stranger);
    }
    SECTION("another node") {
        answer = door.answer({"sn_12345678", door.random.uuid(), false}, door.key);
    }
    SECTION("another subnet") {
        answer = door.answer({"sn_87654321", door.node_id, false}, door.key);
    }
    SECTION("a hub's certificate") {
        answer = door.answer({"sn_12345678", door.node_id, true}, door.key);
    }
    SECTION("another node id beside the certificate") {
        answer.node_id = door.random.uuid();
    }
    SECTION("no certificate") {
        answer.cert_pem = "x";
    }
    SECTION("no anchors") {
        answer.ca_pem = "";
    }

    auto const checked = door.check(answer);

    REQUIRE(checked.has_error());
    CHECK(checked.error().code == Problem::bad_answer);
}

TEST_CASE("an answer's anchors must hold the CA that was pinned", "[node][join]") {
    Door door;
    door.pin = "sha256:" + std::string(64, '0');

    CHECK(door.check(door.good()).error().code == Problem::pin_mismatch);
    door.pin.clear();
    CHECK(door.check(door.good()).has_value());
}

TEST_CASE("a certificate that its own anchors did not sign is not trusted", "[node][join]") {
    Door door;
    auto answer = door.good();
    answer.ca_pem =
        pki::Authority::make("other", "", pki::KeyType::p256, door.clock.wall(), door.random)
            ->certificate()
            .to_pem();
    door.pin.clear();

    CHECK(door.check(answer).error().code == Problem::peer_untrusted);
}

TEST_CASE("a certificate from the future is our clock's fault", "[node][join]") {
    Door door;
    auto const answer = door.good();
    door.clock.set_wall(door.clock.wall() - std::chrono::hours(48));

    CHECK(door.check(answer).error().code == Problem::clock_wrong);
}

TEST_CASE("what a door answers is taken apart with every field checked", "[node][join]") {
    std::string const good =
        R"({"ok":true,"subnet_id":"sn_12345678","node_id":"3f0c9f6e-6c0a-4f4e-9d0e-0f6f2a1b7c11",)"
        R"("node_name":"box","hub_node_id":"9b6a2f70-2f1e-4b44-8a55-6b1f0d0c7a22","cert_pem":"c",)"
        R"("ca_pem":"a","root_url":"","hub_url":"https://r/hubs/sn_12345678","new":1})";
    auto const parsed = parse_join_answer(good);
    REQUIRE(parsed.has_value());
    CHECK(parsed->node_name == "box");
    CHECK(parsed->hub_url == "https://r/hubs/sn_12345678");

    auto const [from, to] = GENERATE(table<char const*, char const*>({
        {"sn_12345678\",\"node_id", "../x\",\"node_id"},
        {"3f0c9f6e-", "3F"},
        {"9b6a2f70-", ""},
        {"\"box\"", "\"a b\""},
        {"https://r/", "ftp://r/"},
        {"\"root_url\":\"\"", "\"root_url\":\"x\""},
        {"\"cert_pem\":\"c\"", "\"cert_pem\":7"},
        {"{\"ok\"", "[{\"ok\""},
    }));
    auto bad = good;
    bad.replace(bad.find(from), std::string(from).size(), to);
    CAPTURE(bad);
    CHECK(parse_join_answer(bad).error().code == Problem::bad_answer);
}

}  // namespace adaos::join_answer_test
