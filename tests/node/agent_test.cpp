#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "node/agent_answer.hpp"
#include "node/agent_config.hpp"
#include "node/agent_files.hpp"
#include "node/agent_material.hpp"
#include "pki/authority.hpp"
#include "store/atomic_file.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

namespace adaos::agent_test {

using namespace adaos::node;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string const subnet = "sn_12345678";

struct ControlSide {
    test::SeededRandom random;
    test::TestClock clock;
    pki::Key key = *pki::Key::make(pki::KeyType::p384);
    pki::Authority ca = *pki::Authority::make("root", "", pki::KeyType::p256, clock.wall(), random);
    std::string node_id = random.uuid();

    std::string leaf(pki::Key const& subject, std::string const& id) {
        return *ca.issue_agent(subject, {{subnet, id, false}, "node-1", ""}, clock.wall(), random);
    }
    AgentAnswer good() {
        return {node_id, "node-1", subnet, leaf(key, node_id), ca.certificate().to_pem(), false};
    }
    Result<pki::Certificate> check(AgentAnswer const& answer) {
        return check_agent_answer(answer, {key, "node-1", ca.certificate(), clock.wall()});
    }
    std::string entry(pki::Certificate const& cert, std::string const& fingerprint) {
        std::string pem;
        for (char const c : cert.to_pem())
            pem += c == '\n' ? std::string("\\n") : std::string(1, c);
        return R"({"cert_pem":")" + pem + R"(","fingerprint_sha256":")" + fingerprint + R"("})";
    }
};

AgentConfig config_at(fs::path const& folder) {
    AgentConfig config;
    config.listen = "0.0.0.0:9443";
    config.control_plane_url = "https://cp.example.org";
    config.node_name = "node-1";
    config.key_path = (folder / "agent.key").string();
    config.cert_path = (folder / "agent.crt").string();
    config.ca_path = (folder / "ca.crt").string();
    config.advertised_endpoint = "https://node-1.example.org:9443";
    config.migration_host = "10.0.0.1";
    return config;
}

void put(fs::path const& path, std::string const& text, store::Mode mode = store::Mode::readable) {
    REQUIRE(store::write_file(path, text, mode).has_value());
}

}  // namespace

TEST_CASE("what bootstrap does with what it finds", "[node][agent]") {
    for (int bits = 0; bits < 8; ++bits) {
        CAPTURE(bits);
        bool const key = (bits & 1) != 0, cert = (bits & 2) != 0, ca = (bits & 4) != 0;
        auto const expected = bits == 0   ? AgentPlan::enrol
                              : bits == 7 ? AgentPlan::nothing
                                          : AgentPlan::refuse;
        CHECK(plan_bootstrap(key, cert, ca, false) == expected);
        CHECK(plan_bootstrap(key, cert, ca, true) == AgentPlan::enrol);
    }
}

TEST_CASE("agent.yaml is read as it was written", "[node][agent]") {
    auto config = config_at("/var/lib/otherix/certs");
    CHECK(*parse_agent_yaml(agent_yaml(config)) == config);
    config.request_timeout = 7s;
    config.heartbeat_interval = 90s;
    config.listen = "[::]:1";
    config.migration_host = R"(odd " \ # : host)";
    config.key_path = "/with \"quotes\"/agent.key";
    CHECK(*parse_agent_yaml(agent_yaml(config)) == config);
}

TEST_CASE("agent.yaml may be written by hand", "[node][agent]") {
    auto text = agent_yaml(config_at("/c"));
    auto const at = text.find("\"node-1\"");
    text.replace(at, 8, "node-1   # mine");
    CHECK(parse_agent_yaml("---\n" + text)->node_name == "node-1");
}

TEST_CASE("an agent.yaml that is wrong says where", "[node][agent]") {
    struct Case {
        std::string from, to, say;
    };
    auto const c = GENERATE(values<Case>({
        {"node_name:", "Node_name:", "node_name"},
        {"node_name: \"node-1\"", "node_name: [1]", "line 8"},
        {"node_name: \"node-1\"", "node_name: \"node-1", "line 8"},
        {"node_name: \"node-1\"", "  node_name: x", "line 8"},
        {"\"node-1\"", "\"Node_1\"", "node-name"},
        {"listen: \"0.0.0.0:9443\"", "listen: 9443", "listen"},
        {"https://cp.", "http://cp.", "cp-url"},
        {"49152", "80", "migration-port-range-start"},
        {"49251", "49151", "migration-port-range-end"},
        {"49251", "many", "migration_port_range_end"},
        {"30s", "soon", "heartbeat_interval"},
        {"ca_path: \"/c/ca.crt\"", "ca_path: c/ca.crt", "absolute"},
        {"migration_host:", "colour: blue\nmigration_host:", "colour"},
        {"migration_host:", "listen: x:1\nmigration_host:", "repeated"},
    }));
    CAPTURE(c.from, c.to);
    auto text = agent_yaml(config_at("/c"));
    REQUIRE(text.find(c.from) != std::string::npos);
    text.replace(text.find(c.from), c.from.size(), c.to);

    auto const parsed = parse_agent_yaml(text);

    REQUIRE(parsed.has_error());
    CHECK(parsed.error().context.find(c.say) != std::string::npos);
}

TEST_CASE("the pinned CA is found among others, and only there", "[node][agent]") {
    ControlSide side;
    auto const& own = side.ca.certificate();
    auto const other =
        pki::Authority::make("x", "", pki::KeyType::p256, side.clock.wall(), side.random)
            ->certificate();
    auto const pin = own.fingerprint();
    auto const list = [](std::string const& entries) { return R"({"cas":[)" + entries + "]}"; };
    auto const ours = side.entry(own, pin.substr(7));
    auto const theirs = side.entry(other, other.fingerprint());

    CHECK(find_pinned_ca(list(theirs + "," + ours), pin)->fingerprint() == pin);
    CHECK(find_pinned_ca(ours, pin)->fingerprint() == pin);  // the older form
    CHECK(find_pinned_ca(list(theirs), pin).error().code == Problem::pin_mismatch);
    CHECK(find_pinned_ca(list(side.entry(other, pin)), pin).error().code == Problem::bad_answer);
    CHECK(find_pinned_ca(list(ours + "," + side.entry(other, pin)), pin).error().code ==
          Problem::bad_answer);
    for (auto const* body : {"", "[]", "{}", R"({"cas":[]})", R"({"cas":[1]})", R"({"cas":1})"})
        CHECK(find_pinned_ca(body, pin).error().code == Problem::bad_answer);
}

TEST_CASE("an answer for this key under the pinned CA is believed", "[node][agent]") {
    ControlSide side;
    CHECK(side.check(side.good()).has_value());
}

TEST_CASE("an answer under the CA that follows the pinned one is believed, and that CA is kept",
          "[node][agent]") {
    ControlSide side;
    auto const next =
        *pki::Authority::make("next", "", pki::KeyType::p256, side.clock.wall(), side.random);
    auto const cross = *side.ca.vouch_for(next.certificate(), side.clock.wall(), side.random);
    auto const signer =
        *pki::Authority::load(cross + side.ca.certificate().to_pem(), next.key_pem());
    auto answer = side.good();
    answer.ca_cert_pem = next.certificate().to_pem();
    answer.cert_pem = *signer.issue_agent(side.key, {{subnet, side.node_id, false}, "node-1", ""},
                                          side.clock.wall(), side.random);

    auto const kept = side.check(answer);

    REQUIRE(kept.has_value());
    CHECK(kept->fingerprint() == next.certificate().fingerprint());
    // Without the old one's word for it, it is just another CA.
    answer.cert_pem = pki::Certificate::from_pem(answer.cert_pem)->to_pem();
    CHECK(side.check(answer).error().code == Problem::pin_mismatch);
    // Nor may the old one come back beside it.
    answer = side.good();
    answer.ca_cert_pem += next.certificate().to_pem();
    CHECK(side.check(answer).error().code == Problem::pin_mismatch);
}

TEST_CASE("another answer is not believed", "[node][agent]") {
    ControlSide side;
    auto const stranger = *pki::Key::make(pki::KeyType::p256);
    auto const other =
        *pki::Authority::make("root", "", pki::KeyType::p256, side.clock.wall(), side.random);
    auto answer = side.good();
    SECTION("another key") {
        answer.cert_pem = side.leaf(stranger, side.node_id);
    }
    SECTION("another node") {
        answer.cert_pem = side.leaf(side.key, side.random.uuid());
    }
    SECTION("another name") {
        answer.node_name = "node-2";
    }
    SECTION("no certificate") {
        answer.cert_pem = "-----BEGIN CERTIFICATE-----\n";
    }
    SECTION("another CA") {
        answer.ca_cert_pem = other.certificate().to_pem();
    }
    SECTION("a second CA") {
        answer.ca_cert_pem += other.certificate().to_pem();
    }
    SECTION("no CA") {
        answer.ca_cert_pem.clear();
    }
    SECTION("a leaf of another CA") {
        answer.cert_pem =
            *other.issue_agent(side.key, {{subnet, side.node_id, false}, "node-1", ""},
                               side.clock.wall(), side.random);
    }
    SECTION("a leaf of a CA below") {
        auto const below = *pki::Key::make(pki::KeyType::p256);
        auto const issuer = *pki::Authority::load(
            *side.ca.issue_issuer(below, subnet, side.clock.wall(), side.random), below.to_pem());
        answer.cert_pem =
            *issuer.issue_agent(side.key, {{subnet, side.node_id, false}, "node-1", ""},
                                side.clock.wall(), side.random);
    }
    SECTION("a hub's") {
        answer.cert_pem = *side.ca.issue_node(side.key, {subnet, side.node_id, true},
                                              side.clock.wall(), side.random);
    }
    CHECK(side.check(answer).has_error());
}

TEST_CASE("the same command takes its attempt up again, another one does not", "[node][agent]") {
    test::TempDir temp;
    test::SeededRandom random;
    AgentFolder const folder{temp.path()};
    Secret const token(std::string("otx_join_1"));
    auto const first = begin_agent_attempt(folder, "https://cp", "a", token, random);
    REQUIRE(first.has_value());
    CHECK_FALSE(first->is_repeat);
    CHECK(store::read_file(folder.attempt() / "attempt.json")->value().find("otx_join") ==
          std::string::npos);

    auto const again = begin_agent_attempt(folder, "https://cp", "a", token, random);
    CHECK(again->is_repeat);
    CHECK(again->attempt.redeem_id == first->attempt.redeem_id);
    CHECK(again->key.spki_sha256() == first->key.spki_sha256());

    auto const other =
        begin_agent_attempt(folder, "https://cp", "a", Secret(std::string("otx_join_2")), random);
    CHECK_FALSE(other->is_repeat);
    CHECK(other->attempt.redeem_id != first->attempt.redeem_id);
    CHECK(other->key.spki_sha256() != first->key.spki_sha256());

    forget_agent_attempt(folder);
    CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("a staged answer becomes three files and leaves nothing else", "[node][agent]") {
    test::TempDir temp;
    test::SeededRandom random;
    AgentFolder const folder{temp.path()};
    auto const begun =
        begin_agent_attempt(folder, "https://cp", "a", Secret(std::string("t")), random);
    REQUIRE(begun.has_value());
    REQUIRE(stage_answer(folder, "CERT", "CA").has_value());
    CHECK(plan_bootstrap(folder, false) == AgentPlan::enrol);  // none is in its place yet
    REQUIRE(finish_staged(folder).has_value());

    CHECK(plan_bootstrap(folder, false) == AgentPlan::nothing);
    CHECK(**store::read_file(folder.cert()) == "CERT");
    CHECK(**store::read_file(folder.ca()) == "CA");
    CHECK(**store::read_secret(folder.key()) == begun->key.to_pem().reveal());
    CHECK(std::distance(fs::directory_iterator(temp.path()), fs::directory_iterator()) == 3);
    CHECK(finish_staged(folder).has_value());  // and again: nothing
}

TEST_CASE("an agent's material is one that fits together", "[node][agent]") {
    test::TempDir temp;
    ControlSide side;
    auto const config = config_at(temp.path());
    auto const yaml = temp.path() / "agent.yaml";
    auto const load = [&] { return load_agent_material(yaml, side.clock.wall()); };
    auto const say = [&](std::string const& path) {
        auto const loaded = load();
        return loaded.has_error() && loaded.error().context.find(path) != std::string::npos;
    };
    CHECK(say(yaml.string()));
    put(yaml, agent_yaml(config));
    CHECK(say(config.key_path));
    put(config.key_path, side.key.to_pem().reveal(), store::Mode::secret);
    CHECK(say(config.cert_path));
    put(config.cert_path, side.leaf(side.key, side.node_id));
    CHECK(say(config.ca_path));
    put(config.ca_path, side.ca.certificate().to_pem());
    auto const whole = load();
    REQUIRE(whole.has_value());
    CHECK(whole->who.node_id == side.node_id);
    CHECK(whole->ca_fingerprint == side.ca.certificate().fingerprint());

    SECTION("its time is over: it is told, as only that can be mended") {
        side.clock.advance(pki::leaf_life);
        auto const over = load();
        REQUIRE(over.has_value());
        CHECK(over->ends_at <= side.clock.wall());
        CHECK(whole->ends_at == over->ends_at);
        CHECK(over->renew_at < over->ends_at);
    }
    SECTION("the key is open to others") {
        put(config.key_path, side.key.to_pem().reveal());
        CHECK(say(config.key_path));
    }
    SECTION("the certificate is for another key") {
        put(config.cert_path, side.leaf(*pki::Key::make(pki::KeyType::p256), side.node_id));
        CHECK(say(config.cert_path));
    }
    SECTION("another CA") {
        auto const other =
            *pki::Authority::make("root", "", pki::KeyType::p256, side.clock.wall(), side.random);
        put(config.ca_path, other.certificate().to_pem());
        CHECK(say(config.ca_path));
    }
    SECTION("a set is staged: that one counts") {
        auto const fresh = *pki::Key::make(pki::KeyType::p384);
        fs::create_directory(temp.path() / ".staged");
        put(temp.path() / ".staged/agent.key", fresh.to_pem().reveal(), store::Mode::secret);
        put(temp.path() / ".staged/agent.crt", side.leaf(fresh, side.node_id));
        put(temp.path() / ".staged/ca.crt", side.ca.certificate().to_pem());
        auto const renewed = load();
        REQUIRE(renewed.has_value());
        CHECK(renewed->cert_fingerprint != whole->cert_fingerprint);
    }
}

}  // namespace adaos::agent_test
