// One CA of Root follows another: every step, and every crash in one.
#include "root/ca_set.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::ca_set_test {

using namespace adaos::root;
using namespace adaos::test;

namespace {

constexpr char const* some_subnet = "sn_0123abcd";
constexpr char const* some_node = "11111111-2222-4333-8444-555555555555";

struct World {
    Result<CaSet> load() { return load_or_make_ca_set(dir, clock, random); }
    Result<CaSet> prepare() { return prepare_next_ca(dir, clock, random); }
    Result<CaSet> activate() { return activate_next_ca(dir, clock, random); }
    Result<CaSet> finish(Finish when) { return drop_old_ca(dir, when, clock, random); }
    std::string hub_leaf(CaSet const& set) {
        return set.signer.issue_node(key, {some_subnet, some_node, true}, clock.wall(), random)
            .value();
    }
    [[nodiscard]] bool trusts(std::string const& anchors, std::string const& chain) const {
        return pki::verify_chain(chain, anchors, clock.wall()).has_value();
    }

    TempDir folder;
    RootDir dir{folder.path() / "root"};
    TestClock clock;
    SeededRandom random;
    pki::Key key = pki::Key::make(pki::KeyType::p256).value();
};

}  // namespace

TEST_CASE("a CA is exchanged in three steps, and each end of the overlap trusts the other",
          "[root][rotation]") {
    World w;
    auto const old = w.load().value();
    CHECK(old.phase == CaPhase::single);
    auto const old_pem = old.trusted_pem;

    auto const prepared = w.prepare().value();
    CHECK(prepared.phase == CaPhase::prepared);
    CHECK(prepared.signer_ca.fingerprint() == old.signer_ca.fingerprint());
    CHECK(pki::fingerprints_from_pem(prepared.trusted_pem).size() == 2);
    CHECK(w.prepare()->trusted_pem == prepared.trusted_pem);

    auto const active = w.activate().value();
    auto const new_pem = active.signer_ca.to_pem();
    CHECK(active.phase == CaPhase::active);
    CHECK(active.signer_ca.fingerprint() ==
          pki::fingerprints_from_pem(prepared.trusted_pem).back());
    for (auto const& anchors : {old_pem, new_pem, old_pem + new_pem, new_pem + old_pem}) {
        CHECK(w.trusts(anchors, w.hub_leaf(active)));
        auto const issuer =
            active.signer.issue_issuer(w.key, some_subnet, w.clock.wall(), w.random);
        CHECK(w.trusts(anchors, *issuer));
        auto const below = pki::Authority::load(*issuer, w.key.to_pem());
        REQUIRE(below.has_value());
        auto const member =
            below->issue_node(w.key, {some_subnet, some_node, false}, w.clock.wall(), w.random);
        CHECK(w.trusts(anchors, *member));
    }
    CHECK(w.trusts(active.trusted_pem, w.hub_leaf(old)));

    auto const done = w.finish(Finish::now).value();
    CHECK(done.phase == CaPhase::single);
    CHECK(done.trusted_pem == new_pem);
    CHECK(w.trusts(new_pem, w.hub_leaf(done)));
    CHECK_FALSE(w.trusts(new_pem, w.hub_leaf(old)));
    CHECK_FALSE(std::filesystem::exists(w.dir.next_ca_key()));
    CHECK(w.finish(Finish::in_time)->trusted_pem == new_pem);
    // And again: the next one after that.
    CHECK(w.prepare().has_value());
    CHECK(w.activate().has_value());
    w.clock.advance(31 * 24h);
    CHECK(w.finish(Finish::in_time)->phase == CaPhase::single);
}

TEST_CASE("newcomers pin the CA that signs, in every phase of a rotation", "[root][rotation]") {
    World w;
    CHECK(read_ca_pins(w.dir).error().code == Problem::state_unreadable);
    CHECK_FALSE(std::filesystem::exists(w.dir.keys()));
    auto const agrees = [&](CaSet const& set) {
        auto const pins = read_ca_pins(w.dir).value();
        CHECK(pins.signer == set.signer_ca.fingerprint());
        CHECK(pins.trusted.front() == pins.signer);
        CHECK(pins.trusted == pki::fingerprints_from_pem(set.trusted_pem));
        auto const file = **store::read_file(pins.signer_file);
        CHECK(pki::fingerprints_from_pem(file).front() == pins.signer);
    };
    agrees(w.load().value());
    agrees(w.prepare().value());
    agrees(w.activate().value());
    agrees(w.finish(Finish::now).value());
}

TEST_CASE("the steps of a rotation come in their order", "[root][rotation]") {
    World w;
    CHECK(w.activate().error().code == Problem::config_invalid);
    REQUIRE(w.prepare().has_value());
    CHECK(w.finish(Finish::now).error().code == Problem::config_invalid);
    REQUIRE(w.activate().has_value());
    CHECK(w.prepare().error().code == Problem::config_invalid);
    w.clock.advance(30 * 24h - 1s);
    CHECK(w.finish(Finish::in_time).error().code == Problem::config_invalid);
    w.clock.advance(1s);
    CHECK(w.finish(Finish::in_time).has_value());
}

TEST_CASE("a crash in the last step of a rotation is made good", "[root][rotation]") {
    World w;
    REQUIRE(w.prepare().has_value());
    auto const active = w.activate().value();
    auto const key = *store::read_secret(w.dir.next_ca_key());
    auto const cert = *store::read_file(w.dir.next_ca_cert());
    int const written = GENERATE(0, 1, 2);
    CAPTURE(written);
    using store::Mode;
    REQUIRE(store::write_file(w.dir.ca_phase(), "finished 1\n", Mode::readable).has_value());
    if (written >= 1) REQUIRE(store::write_file(w.dir.ca_key(), *key, Mode::secret).has_value());
    if (written >= 2)
        REQUIRE(store::write_file(w.dir.ca_cert(), *cert, Mode::readable).has_value());
    CHECK(read_ca_pins(w.dir)->trusted == pki::fingerprints_from_pem(*cert));

    auto const loaded = w.load();

    REQUIRE(loaded.has_value());
    CHECK(loaded->phase == CaPhase::single);
    CHECK(loaded->trusted_pem == active.signer_ca.to_pem());
    CHECK(w.load()->trusted_pem == loaded->trusted_pem);
}

TEST_CASE("a rotation that died before its phase was written counts for nothing",
          "[root][rotation]") {
    World w;
    auto const old = w.load().value();
    REQUIRE(store::write_file(w.dir.next_ca_key(), "half a ke", store::Mode::secret).has_value());
    CHECK(w.load()->trusted_pem == old.trusted_pem);
    CHECK(w.prepare().has_value());
    CHECK(w.activate().has_value());
}

TEST_CASE("while Root runs its CA is exchanged, and nobody is lost", "[root][rotation]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.add_member("beta.test", hub);
    RootDir const dir{mesh.root_folder()};
    auto const ping = [&](MeshNode& to) {
        auto const path = "/hubs/" + hub.subnet_id + "/nodes/" + to.id + "/api/ping";
        return mesh.visit({.path = path}).value().head.status;
    };
    auto const shown = [&](std::string const& field) {
        return json_at(mesh.visit({.path = "/v1/ca"}).value().body, field);
    };
    auto const old = mesh.pin();

    REQUIRE(prepare_next_ca(dir, mesh.clock, mesh.random).has_value());
    mesh.pass(2s);
    CHECK(shown("signer_fingerprint_sha256") == old);
    CHECK(shown("cas.1.fingerprint_sha256") != "");

    auto const active = activate_next_ca(dir, mesh.clock, mesh.random).value();
    mesh.pass(2s);
    CHECK(mesh.pin() == active.signer_ca.fingerprint());
    CHECK(shown("signer_fingerprint_sha256") == mesh.pin());
    CHECK(ping(node) == 200);
    // Those who know the old CA alone come again, and others come for the first time.
    mesh.network.cut(Mesh::root_host);
    CHECK(mesh.linked(hub));
    CHECK(mesh.linked(node));
    auto& fresh = mesh.add_member("gamma.test", hub);
    CHECK(ping(fresh) == 200);

    for (int i = 0; i < 2; ++i) {
        mesh.jump(17 * 24h);
        mesh.pass(2min);
    }
    REQUIRE(drop_old_ca(dir, Finish::in_time, mesh.clock, mesh.random).has_value());
    mesh.pass(2s);
    CHECK(shown("cas.1.fingerprint_sha256") == "");
    mesh.network.cut(Mesh::root_host);
    CHECK(mesh.linked(hub));
    CHECK(mesh.linked(node));
    CHECK(mesh.linked(fresh));
    for (auto* const one : {&node, &fresh}) {
        mesh.stop(*one);
        mesh.start(*one);
        CHECK(mesh.linked(*one));
        CHECK(ping(*one) == 200);
    }
    for (int i = 0; i < 2; ++i) {  // the hub learns it first, then its members from it
        mesh.jump(17 * 24h);
        mesh.pass(2min);
    }
    CHECK(ping(node) == 200);
    auto const anchors = store::read_file(node.dir.member_anchors()).value().value();
    CHECK(pki::fingerprints_from_pem(anchors) == std::vector{mesh.pin()});
}

}  // namespace adaos::ca_set_test
