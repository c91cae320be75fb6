#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "identity/node_config.hpp"
#include "identity/runtime_state.hpp"
#include "store/atomic_file.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

namespace adaos::load_config_test {

using namespace adaos::identity;

namespace {

struct Node {
    test::TempDir folder;
    BaseDir dir = *BaseDir::open(folder.path() / "base");
    test::SeededRandom random;

    Result<LoadedConfig> load() { return load_config(dir, random); }
    void write(std::string const& yaml) {
        REQUIRE(store::write_file(dir.node_yaml(), yaml, store::Mode::readable).has_value());
    }
    NodeConfig member() {
        NodeConfig config;
        config.node_id = random.uuid();
        config.subnet_id = "sn_11111111";
        config.role = Role::member;
        config.hub_url = "https://root/hubs/sn_11111111";
        config.hub_node_id = random.uuid();
        config.root_base_url = "https://root";
        return config;
    }
    unsigned mode(std::filesystem::path const& path) const {
        struct stat found {};
        REQUIRE(::stat(path.c_str(), &found) == 0);
        return found.st_mode & 0777U;
    }
};

}  // namespace

TEST_CASE("a fresh folder becomes a hub that stays the same", "[identity]") {
    Node node;

    auto const first = node.load();
    auto const second = node.load();

    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->created);
    CHECK(first->config.role == Role::hub);
    CHECK(first->config.subnet_id.size() == 11);
    CHECK(!second->created);
    CHECK(second->config.node_id == first->config.node_id);
    CHECK(second->config.subnet_id == first->config.subnet_id);
    CHECK(node.mode(node.dir.root) == 0700);
    CHECK(node.mode(node.dir.node_yaml()) == 0644);
    CHECK(node.mode(node.dir.runtime_json()) == 0600);
}

TEST_CASE("planning a configuration writes nothing", "[identity]") {
    Node node;

    auto const planned = plan_config(node.dir, node.random);

    REQUIRE(planned.has_value());
    CHECK(planned->created);
    CHECK(!std::filesystem::exists(node.dir.node_yaml()));
    CHECK(!std::filesystem::exists(node.dir.runtime_json()));
}

TEST_CASE("a member whose node.yaml breaks stays a member, with its ids", "[identity]") {
    Node node;
    auto const before = node.member();
    REQUIRE(save_config(node.dir, before).has_value());
    REQUIRE(node.load().has_value());
    node.write("role: [mem");

    auto const loaded = node.load();

    REQUIRE(loaded.has_value());
    CHECK(loaded->set_aside == (node.dir.root / "node.yaml.invalid").string());
    CHECK(loaded->config.role == Role::member);
    CHECK(loaded->config.node_id == before.node_id);
    CHECK(loaded->config.subnet_id == before.subnet_id);
    CHECK(loaded->config.hub_url == before.hub_url);
    CHECK(loaded->config.root_base_url == before.root_base_url);
    CHECK(**store::read_file(node.dir.root / "node.yaml.invalid") == "role: [mem");
    CHECK(node.load()->set_aside.empty());
}

TEST_CASE("a node.yaml that is lost or empty is recovered, too", "[identity]") {
    auto const text = GENERATE(std::optional<std::string>(), std::optional<std::string>(""));
    Node node;
    REQUIRE(save_config(node.dir, node.member()).has_value());
    auto const before = *node.load();
    std::filesystem::remove(node.dir.node_yaml());
    if (text) node.write(*text);

    auto const loaded = node.load();

    REQUIRE(loaded.has_value());
    CHECK(!loaded->created);
    CHECK(loaded->config.role == Role::member);
    CHECK(loaded->config.node_id == before.config.node_id);
}

TEST_CASE("losing the runtime state loses no membership", "[identity]") {
    Node node;
    auto const before = node.member();
    REQUIRE(save_config(node.dir, before).has_value());
    REQUIRE(node.load().has_value());
    std::filesystem::remove(node.dir.runtime_json());

    auto const loaded = node.load();

    REQUIRE(loaded.has_value());
    CHECK(loaded->config.role == Role::member);
    CHECK(loaded->config.hub_url == before.hub_url);
}

TEST_CASE("a broken node.yaml with nothing else to go by is an error, not a hub", "[identity]") {
    Node node;
    node.write("role: [");

    auto const loaded = node.load();

    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Problem::config_broken);
    CHECK(**store::read_file(node.dir.node_yaml()) == "role: [");
}

TEST_CASE("a member certificate alone keeps a node from becoming a hub", "[identity]") {
    Node node;
    test::TestClock clock;
    auto const authority =
        pki::Authority::make("test", "sn_22222222", pki::KeyType::p256, clock.wall(), node.random);
    REQUIRE(authority.has_value());
    auto const key = pki::Key::make(pki::KeyType::p256);
    pki::NodeIdentity const who{"sn_22222222", node.random.uuid(), false};
    auto const leaf = authority->issue_node(*key, who, clock.wall(), node.random);
    REQUIRE(leaf.has_value());
    REQUIRE(store::write_file(node.dir.member_cert(), *leaf, store::Mode::readable).has_value());
    node.write("{{{");

    auto const loaded = node.load();

    REQUIRE(loaded.has_value());
    CHECK(loaded->config.role == Role::member);
    CHECK(loaded->config.node_id == who.node_id);
    CHECK(loaded->config.subnet_id == "sn_22222222");
}

TEST_CASE("a member certificate that says nothing is still a sign of a member", "[identity]") {
    Node node;
    REQUIRE(
        store::write_file(node.dir.member_cert(), "garbage", store::Mode::readable).has_value());

    auto const loaded = node.load();

    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Problem::config_broken);
    CHECK(!std::filesystem::exists(node.dir.node_yaml()));
}

TEST_CASE("a value out of grammar is reported and the file left alone", "[identity]") {
    Node node;
    node.write("role: emperor\n");

    auto const loaded = node.load();

    CHECK(loaded.error().code == Problem::config_invalid);
    CHECK(**store::read_file(node.dir.node_yaml()) == "role: emperor\n");
}

TEST_CASE("two writers of the runtime state lose nothing of each other", "[identity][runtime]") {
    Node node;
    REQUIRE(store::write_file(node.dir.runtime_json(), R"({"nats":{"user":"x"},"role":"hub"})",
                              store::Mode::secret)
                .has_value());

    auto const token = control_token(node.dir, node.random);
    REQUIRE(edit_runtime(node.dir, [](RuntimeState& s) { s.hub_url = "http://h"; }).has_value());
    auto const again = control_token(node.dir, node.random);

    REQUIRE(token.has_value());
    CHECK(token->reveal().size() == 64);
    CHECK(again->reveal() == token->reveal());
    auto const text = **store::read_file(node.dir.runtime_json());
    CHECK(text.find("nats") != std::string::npos);
    CHECK(load_runtime(node.dir)->hub_url == "http://h");
    CHECK(load_runtime(node.dir)->role == "hub");
}

TEST_CASE("a damaged runtime state is set aside and starts empty", "[identity][runtime]") {
    Node node;
    REQUIRE(
        store::write_file(node.dir.runtime_json(), "{\"role\":", store::Mode::secret).has_value());

    auto const state = load_runtime(node.dir);

    REQUIRE(state.has_value());
    CHECK(state->role.empty());
    CHECK(std::filesystem::exists(node.dir.runtime_json().string() + ".invalid"));
}

TEST_CASE("the base directory is looked for in a fixed order", "[identity][base]") {
    std::vector<std::pair<std::string, std::string>> set{{"HOME", "/home/u"}};
    auto const env = [&](char const* name) -> std::optional<std::string> {
        for (auto const& [key, value] : set)
            if (key == name) return value;
        return std::nullopt;
    };

    CHECK(*find_base_dir(std::nullopt, env) == "/home/u/.adaos");
    set.emplace_back("BASE_DIR", "/b");
    CHECK(*find_base_dir(std::nullopt, env) == "/b");
    set.emplace_back("ENV_TYPE", "dev");
    set.emplace_back("ADAOS_BASE_DIR_SUFFIX", "-2");
    CHECK(*find_base_dir(std::nullopt, env) == std::filesystem::current_path() / ".adaos-2");
    set.emplace_back("ADAOS_BASE_DIR", "/a/");
    CHECK(*find_base_dir(std::nullopt, env) == "/a");
    CHECK(*find_base_dir("/flag", env) == "/flag");
    set = {};
    CHECK(find_base_dir(std::nullopt, env).error().code == Problem::config_invalid);
}

}  // namespace adaos::load_config_test
