#include "identity/credentials.hpp"

#include "base/problem.hpp"
#include "identity/runtime_state.hpp"
#include "store/atomic_file.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

namespace adaos::credentials_test {

using namespace adaos::identity;

namespace {

struct World {
    test::TempDir folder;
    BaseDir dir = *BaseDir::open(folder.path() / "base");
    test::SeededRandom random;
    test::TestClock clock;
    NodeConfig config = load_config(dir, random)->config;

    Result<HubCredentials> hub() { return load_or_make_hub(dir, config, clock, random); }
    std::string read(std::filesystem::path const& path) { return **store::read_file(path); }
    void write(std::filesystem::path const& path, std::string const& text) {
        REQUIRE(store::write_file(path, text, store::Mode::secret).has_value());
    }
    void check_sound(HubCredentials const& made) {
        auto const leaf =
            pki::verify_chain(made.leaf.chain_pem, made.leaf.anchors_pem, clock.wall());
        REQUIRE(leaf.has_value());
        CHECK(leaf->node() == pki::NodeIdentity{config.subnet_id, config.node_id, true});
        auto const stored = load_credentials(dir, Role::hub);
        REQUIRE(stored.has_value());
        REQUIRE((*stored).has_value());
        CHECK((*stored)->chain_pem == made.leaf.chain_pem);
        CHECK((*stored)->anchors_pem == made.leaf.anchors_pem);
    }
    /// What Root would have given this hub: certificates over the hub's own keys.
    void register_at_root() {
        REQUIRE(hub().has_value());
        auto const root =
            pki::Authority::make("root", "", pki::KeyType::p256, clock.wall(), random);
        auto const key = pki::Key::from_pem(Secret(read(dir.hub_key())));
        auto const issuer_key = pki::Key::from_pem(Secret(read(dir.issuer_key())));
        pki::NodeIdentity const who{config.subnet_id, config.node_id, true};
        write(dir.anchors(), root->certificate().to_pem());
        write(dir.hub_cert(), *root->issue_node(*key, who, clock.wall(), random));
        write(dir.issuer_cert(),
              *root->issue_issuer(*issuer_key, config.subnet_id, clock.wall(), random));
        config.root_base_url = "https://root";
    }
};

}  // namespace

TEST_CASE("a hub that never saw Root makes its own identity, once", "[identity][hub]") {
    World world;

    auto const first = world.hub();
    auto const second = world.hub();

    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    world.check_sound(*first);
    CHECK(second->leaf.chain_pem == first->leaf.chain_pem);
    CHECK(second->issuer_key_pem.reveal() == first->issuer_key_pem.reveal());
    CHECK(first->leaf.anchors_pem == first->issuer_chain_pem);
}

TEST_CASE("a set of hub credentials that lacks any file is made whole", "[identity][hub]") {
    World world;
    REQUIRE(world.hub().has_value());
    auto const victim = GENERATE(0, 1, 2, 3, 4);
    std::filesystem::path const files[] = {world.dir.hub_key(), world.dir.hub_cert(),
                                           world.dir.issuer_key(), world.dir.issuer_cert(),
                                           world.dir.anchors()};
    auto const damage = GENERATE(true, false);
    CAPTURE(files[victim], damage);
    if (damage) {
        world.write(files[victim], "half a fi");
    } else {
        std::filesystem::remove(files[victim]);
    }

    auto const repaired = world.hub();

    REQUIRE(repaired.has_value());
    world.check_sound(*repaired);
}

TEST_CASE("a hub's own certificate is renewed at half its life, and after its end",
          "[identity][hub]") {
    World world;
    auto const first = *world.hub();
    world.clock.advance(std::chrono::hours(14 * 24));
    CHECK(world.hub()->leaf.chain_pem == first.leaf.chain_pem);

    world.clock.advance(std::chrono::hours(24 * GENERATE(2, 60)));
    auto const renewed = world.hub();

    REQUIRE(renewed.has_value());
    world.check_sound(*renewed);
    CHECK(renewed->leaf.chain_pem != first.leaf.chain_pem);
    CHECK(renewed->issuer_chain_pem == first.issuer_chain_pem);
}

TEST_CASE("a hub with another subnet id gets an issuer of that subnet", "[identity][hub]") {
    World world;
    auto const first = *world.hub();
    world.config.subnet_id = "sn_99999999";

    auto const changed = world.hub();

    REQUIRE(changed.has_value());
    world.check_sound(*changed);
    CHECK(changed->issuer_chain_pem != first.issuer_chain_pem);
}

TEST_CASE("a registered hub keeps what Root gave it, also when it has ended", "[identity][hub]") {
    World world;
    world.register_at_root();
    auto const given = world.read(world.dir.hub_cert());

    auto const loaded = world.hub();
    REQUIRE(loaded.has_value());
    CHECK(loaded->leaf.chain_pem == given);
    world.clock.advance(std::chrono::hours(31 * 24));
    auto const late = world.hub();

    REQUIRE(late.has_value());
    CHECK(late->leaf.chain_pem == given);
    CHECK(late->leaf.anchors_pem == loaded->leaf.anchors_pem);
}

TEST_CASE("a registered hub never makes up an issuer of its own", "[identity][hub]") {
    World world;
    world.register_at_root();
    std::filesystem::remove(GENERATE(0, 1) == 0 ? world.dir.issuer_key() : world.dir.anchors());

    auto const loaded = world.hub();

    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Problem::state_damaged);
    CHECK(loaded.error().context.find("restore keys/ from a backup") != std::string::npos);
}

TEST_CASE("a set without one of its files is no credentials", "[identity]") {
    World world;

    auto const absent = load_credentials(world.dir, Role::member);

    REQUIRE(absent.has_value());
    CHECK(!*absent);
}

TEST_CASE("a certificate of another key is damage, and the file is named", "[identity]") {
    World world;
    REQUIRE(world.hub().has_value());
    world.write(world.dir.hub_key(), pki::Key::make(pki::KeyType::p256)->to_pem().reveal());

    auto const loaded = load_credentials(world.dir, Role::hub);

    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Problem::state_damaged);
    CHECK(loaded.error().context.find("hub_cert.pem") != std::string::npos);
}

namespace {

/// A join's outcome for `world`'s node, signed by another hub.
Membership membership_for(World& world) {
    auto const key = pki::Key::make(pki::KeyType::p256);
    world.write(world.dir.member_key(), key->to_pem().reveal());
    auto const other = pki::Authority::make("other", "sn_12345678", pki::KeyType::p256,
                                            world.clock.wall(), world.random);
    Membership out;
    out.config = world.config;
    out.config.role = Role::member;
    out.config.subnet_id = "sn_12345678";
    out.config.hub_url = "http://127.0.0.1:8777";
    pki::NodeIdentity const who{"sn_12345678", world.config.node_id, false};
    out.chain_pem = *other->issue_node(*key, who, world.clock.wall(), world.random);
    out.anchors_pem = other->certificate().to_pem();
    return out;
}

}  // namespace

TEST_CASE("a stored membership is there at the next load, and the journal gone", "[identity]") {
    World world;
    REQUIRE(world.hub().has_value());
    auto const membership = membership_for(world);
    world.write(world.dir.join_journal(), "{}");

    REQUIRE(store_membership(world.dir, membership).has_value());

    auto const loaded = load_config(world.dir, world.random);
    CHECK(loaded->config.role == Role::member);
    CHECK(loaded->config.subnet_id == "sn_12345678");
    CHECK(load_runtime(world.dir)->role == "member");
    auto const credentials = load_credentials(world.dir, Role::member);
    REQUIRE(credentials.has_value());
    REQUIRE((*credentials).has_value());
    CHECK((*credentials)->anchors_pem == membership.anchors_pem);
    CHECK(!std::filesystem::exists(world.dir.join_journal()));
}

TEST_CASE("a membership that died before node.yaml was replaced leaves the hub a hub",
          "[identity]") {
    World world;
    auto const before = *world.hub();
    auto const membership = membership_for(world);
    world.write(world.dir.member_cert(), membership.chain_pem);
    world.write(world.dir.member_anchors(), membership.anchors_pem);
    REQUIRE(edit_runtime(world.dir, [&](RuntimeState& s) {
                copy_identity(membership.config, s);
            }).has_value());

    auto const loaded = load_config(world.dir, world.random);
    auto const hub = world.hub();

    REQUIRE(loaded.has_value());
    CHECK(loaded->config.role == Role::hub);
    CHECK(loaded->config.subnet_id == world.config.subnet_id);
    REQUIRE(hub.has_value());
    CHECK(hub->leaf.chain_pem == before.leaf.chain_pem);
    REQUIRE(store_membership(world.dir, membership).has_value());
    CHECK(load_config(world.dir, world.random)->config.role == Role::member);
}

TEST_CASE("on a fresh machine a join is a membership from node.yaml on, and not before",
          "[identity]") {
    World world;
    std::filesystem::remove(world.dir.node_yaml());
    std::filesystem::remove(world.dir.runtime_json());
    auto const membership = membership_for(world);
    auto const is_fresh = [&] {
        auto const plan = plan_config(world.dir, world.random);
        return plan.has_value() && plan->created && plan->config.role == Role::hub;
    };

    world.write(world.dir.join_journal(), "{}");
    CHECK(is_fresh());
    world.write(world.dir.member_cert(), membership.chain_pem);
    CHECK(is_fresh());
    world.write(world.dir.member_anchors(), membership.anchors_pem);
    CHECK(is_fresh());
    REQUIRE(save_config(world.dir, membership.config).has_value());
    auto const loaded = load_config(world.dir, world.random);
    REQUIRE(loaded.has_value());
    CHECK(loaded->config.role == Role::member);
    CHECK(load_runtime(world.dir)->role == "member");
    CHECK(!std::filesystem::exists(world.dir.join_journal()));
}

TEST_CASE("a certificate that is not for our key is never stored", "[identity]") {
    World world;
    auto const membership = membership_for(world);
    world.write(world.dir.member_key(), pki::Key::make(pki::KeyType::p256)->to_pem().reveal());

    auto const stored = store_membership(world.dir, membership);

    REQUIRE(stored.has_error());
    CHECK(!std::filesystem::exists(world.dir.member_cert()));
    CHECK(load_config(world.dir, world.random)->config.role == Role::hub);
}

TEST_CASE("a registered hub whose key is lost is damaged, and makes no other key",
          "[identity][hub]") {
    World world;
    world.register_at_root();
    std::filesystem::remove(world.dir.hub_key());

    auto const loaded = world.hub();

    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Problem::state_damaged);
    CHECK(loaded.error().context.find("hub_private.pem is missing") != std::string::npos);
    CHECK(!std::filesystem::exists(world.dir.hub_key()));
}

TEST_CASE("a key that others may read is refused, and told how to close it", "[identity]") {
    World world;
    REQUIRE(world.hub().has_value());
    std::filesystem::permissions(world.dir.hub_key(), std::filesystem::perms(0640));

    auto const loaded = world.hub();

    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Problem::permission);
    CHECK(loaded.error().context.find("chmod 600") != std::string::npos);
}

TEST_CASE("an issuer key whose certificate is not there yet is kept", "[identity][hub]") {
    World world;
    auto const key = key_at(world.dir.issuer_key());
    REQUIRE(key.has_value());

    auto const made = world.hub();

    REQUIRE(made.has_value());
    CHECK(pki::Certificate::from_pem(made->issuer_chain_pem)->matches(*key));
}

}  // namespace adaos::credentials_test
