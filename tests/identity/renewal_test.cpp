#include "identity/renewal.hpp"

#include "base/problem.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

namespace adaos::renewal_test {

using namespace adaos::identity;
using namespace std::chrono_literals;

namespace {

constexpr char const* some_subnet = "sn_0123abcd";
constexpr char const* some_node = "11111111-2222-4333-8444-555555555555";

/// A hub of one Root, which has made itself another CA since.
struct World {
    World() {
        write(dir.hub_key(), key.to_pem().reveal());
        write(dir.issuer_key(), issuer_key.to_pem().reveal());
        write(dir.hub_cert(), leaf_by(old_ca));
        write(dir.issuer_cert(), issuer_by(old_ca));
        write(dir.anchors(), old_ca.chain_pem());
        config.root_base_url = "https://root";
        config.subnet_id = some_subnet;
        config.node_id = some_node;
    }
    static void write(std::filesystem::path const& path, std::string const& text) {
        REQUIRE(store::write_file(path, text, store::Mode::secret).has_value());
    }
    pki::Authority make_ca(char const* name) {
        return pki::Authority::make(name, "", pki::KeyType::p256, clock.wall(), random).value();
    }
    std::string leaf_by(pki::Authority const& ca) {
        return ca.issue_node(key, who, clock.wall(), random).value();
    }
    std::string issuer_by(pki::Authority const& ca) {
        return ca.issue_issuer(issuer_key, some_subnet, clock.wall(), random).value();
    }
    Result<HubCredentials> load() { return load_or_make_hub(dir, config, clock, random); }
    Renewal by_new_ca() { return {leaf_by(new_ca), new_ca.chain_pem(), issuer_by(new_ca)}; }

    test::TempDir folder;
    BaseDir dir = *BaseDir::open(folder.path() / "base");
    test::SeededRandom random;
    test::TestClock clock;
    pki::Key key = pki::Key::make(pki::KeyType::p256).value();
    pki::Key issuer_key = pki::Key::make(pki::KeyType::p256).value();
    pki::NodeIdentity who{some_subnet, some_node, true};
    pki::Authority old_ca = make_ca("old");
    pki::Authority new_ca = make_ca("new");
    NodeConfig config;
};

}  // namespace

TEST_CASE("a renewed certificate takes the old one's place, with the same key",
          "[identity][renewal]") {
    World w;
    w.clock.advance(15 * 24h);
    auto const csr = renewal_request(w.dir, Role::hub, some_node);
    REQUIRE(csr.has_value());
    CHECK(pki::check_request(*csr)->spki_sha256() == w.key.spki_sha256());
    auto const fresh = w.leaf_by(w.old_ca);

    REQUIRE(store_renewal(w.dir, w.who, {fresh, "", ""}, w.clock.wall()).has_value());

    auto const loaded = load_credentials(w.dir, Role::hub).value().value();
    CHECK(loaded.chain_pem == fresh);
    CHECK(loaded.anchors_pem == w.old_ca.chain_pem());
}

TEST_CASE("leaf, issuer and anchors of another CA come together", "[identity][renewal]") {
    World w;
    auto const renewal = w.by_new_ca();
    REQUIRE(store_renewal(w.dir, w.who, renewal, w.clock.wall()).has_value());
    auto const loaded = w.load();
    REQUIRE(loaded.has_value());
    CHECK(loaded->leaf.chain_pem == renewal.chain_pem);
    CHECK(loaded->leaf.anchors_pem == w.new_ca.chain_pem());
    CHECK(loaded->issuer_chain_pem == renewal.issuer_chain_pem);
}

TEST_CASE("a crash between any two writes of a renewal leaves a hub that starts",
          "[identity][renewal]") {
    World w;
    auto const renewal = w.by_new_ca();
    auto const both = w.new_ca.chain_pem() + w.old_ca.chain_pem();
    // The writes of store_renewal, in their order, up to the crash.
    int const written = GENERATE(0, 1, 2, 3, 4);
    CAPTURE(written);
    if (written >= 1) w.write(w.dir.anchors(), both);
    if (written >= 2) w.write(w.dir.issuer_cert(), renewal.issuer_chain_pem);
    if (written >= 3) w.write(w.dir.hub_cert(), renewal.chain_pem);
    if (written >= 4) w.write(w.dir.anchors(), w.new_ca.chain_pem());

    auto const loaded = w.load();

    REQUIRE(loaded.has_value());
    auto const leaf =
        pki::verify_chain(loaded->leaf.chain_pem, loaded->leaf.anchors_pem, w.clock.wall());
    REQUIRE(leaf.has_value());
    CHECK(leaf->matches(w.key));
    REQUIRE(store_renewal(w.dir, w.who, renewal, w.clock.wall()).has_value());
    CHECK(w.load()->leaf.anchors_pem == w.new_ca.chain_pem());
}

TEST_CASE("a certificate that is not ours, or not good, is not stored", "[identity][renewal]") {
    World w;
    auto const before = w.leaf_by(w.old_ca);
    w.write(w.dir.hub_cert(), before);
    auto const other_key = pki::Key::make(pki::KeyType::p256).value();
    auto other_node = w.who;
    other_node.node_id.front() = '2';
    auto renewal = w.by_new_ca();
    auto const what = GENERATE(0, 1, 2, 3, 4);
    CAPTURE(what);
    auto const now = w.clock.wall();
    if (what == 0) renewal.chain_pem = w.new_ca.issue_node(other_key, w.who, now, w.random).value();
    if (what == 1)
        renewal.chain_pem = w.new_ca.issue_node(w.key, other_node, now, w.random).value();
    if (what == 2) renewal.anchors_pem.clear();  // ours do not know the new CA
    if (what == 3)
        renewal.issuer_chain_pem =
            w.new_ca.issue_issuer(other_key, some_subnet, now, w.random).value();
    if (what == 4) renewal.chain_pem = "no certificate";

    auto const done = store_renewal(w.dir, w.who, renewal, now);

    REQUIRE(done.has_error());
    CHECK(done.error().code == Problem::bad_answer);
    auto const kept = load_credentials(w.dir, Role::hub).value().value();
    CHECK(kept.chain_pem == before);
    CHECK(kept.anchors_pem == w.old_ca.chain_pem());
}

TEST_CASE("an issuer is renewed past half its life, or when another CA signs",
          "[identity][renewal]") {
    World w;
    auto const now = w.clock.wall();
    auto const issuer = w.issuer_by(w.old_ca);
    CHECK_FALSE(issuer_is_due(issuer, w.leaf_by(w.old_ca), now));
    CHECK(issuer_is_due(issuer, w.leaf_by(w.new_ca), now));
    CHECK(issuer_is_due(issuer, w.leaf_by(w.old_ca), now + 6 * 365 * 24h));
}

}  // namespace adaos::renewal_test
