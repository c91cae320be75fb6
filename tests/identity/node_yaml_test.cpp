#include "base/problem.hpp"
#include "identity/node_config.hpp"

#include <catch2/catch.hpp>

namespace adaos::node_yaml_test {

using namespace adaos::identity;

namespace {

NodeConfig full() {
    NodeConfig config;
    config.node_id = "3f0c9f6e-6c0a-4f4e-9d0e-0f6f2a1b7c11";
    config.subnet_id = "sn_0a1b2c3d";
    config.role = Role::member;
    config.zone_id = "eu";
    config.node_names = {"Kitchen", "no", "7", "a: b"};
    config.hub_url = "https://root.example.org/hubs/sn_0a1b2c3d";
    config.hub_node_id = "9b6a2f70-2f1e-4b44-8a55-6b1f0d0c7a22";
    config.local_api_url = "http://127.0.0.1:8777";
    config.root_base_url = "https://root.example.org";
    config.root_ca_fingerprint = "sha256:" + std::string(64, 'a');
    return config;
}

}  // namespace

TEST_CASE("node.yaml holds everything a node is, there and back", "[identity][yaml]") {
    auto const before = full();

    auto const after = parse_node_yaml(to_yaml(before));

    REQUIRE(after.has_value());
    CHECK(after->node_id == before.node_id);
    CHECK(after->subnet_id == before.subnet_id);
    CHECK(after->role == Role::member);
    CHECK(after->zone_id == "eu");
    CHECK(after->node_names == before.node_names);
    CHECK(after->hub_url == before.hub_url);
    CHECK(after->hub_node_id == before.hub_node_id);
    CHECK(after->local_api_url == before.local_api_url);
    CHECK(after->root_base_url == before.root_base_url);
    CHECK(after->root_ca_fingerprint == before.root_ca_fingerprint);
    CHECK(after->extra_yaml.empty());
}

TEST_CASE("keys that are not known survive a rewrite, nested ones too", "[identity][yaml]") {
    auto const text =
        "role: hub\ncolour: blue\nroot:\n  base_url: https://r\n  llm: {model: x}\n"
        "node:\n  core_update_enabled: true\ndev:\n  workspace: [a, b]\n";

    auto const once = parse_node_yaml(text);
    REQUIRE(once.has_value());
    auto const again = to_yaml(*once);
    auto const twice = parse_node_yaml(again);

    REQUIRE(twice.has_value());
    CHECK(once->root_base_url == "https://r");
    CHECK(to_yaml(*twice) == again);
    for (auto const* part : {"colour: blue", "model: x", "core_update_enabled: true", "workspace"})
        CHECK(again.find(part) != std::string::npos);
}

TEST_CASE("secrets of older node.yaml files are not kept", "[identity][yaml]") {
    auto const config = parse_node_yaml("token: abc\nnats: {pass: x}\nroot_state: {}\n");

    REQUIRE(config.has_value());
    CHECK(config->extra_yaml.empty());
}

TEST_CASE("a value out of grammar is named with its key and line", "[identity][yaml]") {
    auto const [text, said] = GENERATE(table<char const*, char const*>({
        {"role: boss", "line 1: role"},
        {"# x\nnode_id: me", "line 2: node_id"},
        {"subnet_id: sn_0A1B2C3D", "subnet_id"},
        {"zone_id: mars", "zone_id"},
        {"hub_url: ftp://x", "hub_url"},
        {"hub_url: http://user@x", "hub_url"},
        {"hub_url: [http://x]", "hub_url"},
        {"hub_node_id: x", "hub_node_id"},
        {"root: 7", "root"},
        {"root: {base_url: nowhere}", "base_url"},
        {"root: {ca_fingerprint: beef}", "ca_fingerprint"},
        {"node: {node_names: [a,b,c,d,e,f,g,h,i]}", "node_names"},
        {"node: {node_names: kitchen}", "node_names"},
    }));
    CAPTURE(text);

    auto const config = parse_node_yaml(text);

    REQUIRE(config.has_error());
    CHECK(config.error().code == Problem::config_invalid);
    CHECK(config.error().context.find(said) != std::string::npos);
}

TEST_CASE("YAML that node.yaml has no use for is broken", "[identity][yaml]") {
    auto const* const text =
        GENERATE("role: [hub", "a: &x 1\nb: *x", "a: &x 1", "role: !!str hub", "role: !tag hub",
                 "role: hub\nrole: member", "- a", "just words", "? [a]\n: b", "a: 1\n---\nb: 2",
                 "\t: :\n -", ": b", "~: b", "a:\n  ~: b", ": : :&%:\r", "a: \xfe");
    CAPTURE(text);

    auto const config = parse_node_yaml(text);

    REQUIRE(config.has_error());
    CHECK(config.error().code == Problem::config_broken);
}

TEST_CASE("node.yaml may have 64 KiB and no byte more", "[identity][yaml][limit]") {
    std::string const fits = "# " + std::string(64 * 1024 - 2, 'x');

    CHECK(parse_node_yaml(fits).has_value());
    CHECK(parse_node_yaml(fits + "x").error().code == Problem::config_broken);
}

TEST_CASE("node.yaml that a rewrite makes longer than it may be is refused before",
          "[identity][yaml][limit]") {
    std::string lines;
    while (lines.size() < 60 * 1024)
        lines += "k" + std::to_string(lines.size()) + ": \"\x01\x01\x01\x01\"\n";
    REQUIRE(lines.size() < 64 * 1024);

    CHECK(parse_node_yaml(lines).error().code == Problem::config_broken);
}

TEST_CASE("node.yaml may nest 32 deep and no deeper", "[identity][yaml][limit]") {
    auto const nested = [](std::size_t depth) {
        return "a: " + std::string(depth - 1, '[') + std::string(depth - 1, ']');
    };

    CHECK(parse_node_yaml(nested(32)).has_value());
    CHECK(parse_node_yaml(nested(33)).error().code == Problem::config_broken);
}

TEST_CASE("node names that differ only in case are one name", "[identity][yaml]") {
    auto const config = parse_node_yaml("node: {node_names: [Kitchen, kitchen, '', hall]}");

    REQUIRE(config.has_value());
    CHECK(config->node_names == std::vector<std::string>{"Kitchen", "hall"});
}

TEST_CASE("zones have one canonical form", "[identity][zone]") {
    CHECK(*canonical_zone(" Europe ") == "eu");
    CHECK(*canonical_zone("de") == "eu");
    CHECK(*canonical_zone("ru-ru") == "ru");
    CHECK(*canonical_zone("fr") == "fr");
    for (auto const* bad : {"", "e", "mars", "e1", "eu\n2"}) {
        CAPTURE(bad);
        CHECK(canonical_zone(bad).error().code == Problem::invalid_field);
    }
}

}  // namespace adaos::node_yaml_test
