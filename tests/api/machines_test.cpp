// The parts below the doors for machines: settings, files that are handed out, the tunnel's peers.
#include "api/artifacts.hpp"
#include "api/host_settings.hpp"
#include "api/tunnel_peers.hpp"
#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "registry/inventory.hpp"
#include "store/atomic_file.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

#include <map>

namespace adaos::machines_test {

using namespace adaos::api;

namespace {

identity::Env variables(std::map<std::string, std::string> values) {
    return [values = std::move(values)](char const* name) -> std::optional<std::string> {
        auto const found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
}

/// A tunnel that refuses until it is told to take.
class FakeTunnel final : public TunnelPeers {
public:
    bool works = false;
    int calls = 0;
    std::vector<enrol::Peer> has;

    Result<void> apply(std::vector<enrol::Peer> const& peers) override {
        ++calls;
        if (!works) return Error(Problem::state_unreadable, "wg");
        has = peers;
        return {};
    }
};

struct Store {
    adaos::test::TestClock clock;
    store::Database db = open();
    enrol::Overlay overlay{db, enrol::OverlayNet::parse("10.77.0.0/24").value(), clock};

    static store::Database open() {
        auto db = store::Database::open(":memory:");
        REQUIRE(db.has_value());
        REQUIRE(db->migrate(registry::schema()).has_value());
        return std::move(*db);
    }
    void add(int number) {
        registry::InventoryItem item;
        item.node_id = "00000000-0000-4000-8000-00000000000" + std::to_string(number);
        item.subnet_id = "sn_0000000a";
        item.host = "host-" + std::to_string(number);
        item.created_at = clock.wall();
        REQUIRE(registry::NodeInventory(db).add(item).has_value());
        auto const key = to_base64(Bytes(32, static_cast<std::byte>(number)));
        REQUIRE(overlay.put({"sn_0000000a", "", item.node_id}, "", key, "test").has_value());
    }
};

}  // namespace

TEST_CASE("settings have the usual values unless the environment says otherwise",
          "[api][machines]") {
    auto const usual = read_host_settings(variables({}), "/base");
    auto const other =
        read_host_settings(variables({{"NODE_BOOTSTRAP_INSTALL_CONTAINER_RUNTIME", "false"},
                                      {"NODE_BOOTSTRAP_CONTAINER_RUNTIME_PACKAGE", "podman"},
                                      {"NODE_BOOTSTRAP_PACKAGE", "/srv/node-1.2.tar.gz"},
                                      {"ADAOS_OVERLAY_NETWORK", "10.9.0.0/24"}}),
                           "/base");

    REQUIRE(usual.has_value());
    CHECK(usual->installs_runtime);
    CHECK(usual->runtime_package == "docker.io");
    CHECK(enrol::ipv4_text(usual->overlay.first) == "10.77.0.0");
    CHECK(usual->dist == "/base/dist");
    CHECK(usual->peers_conf == "/base/state/wireguard/peers.conf");
    REQUIRE(other.has_value());
    CHECK_FALSE(other->installs_runtime);
    CHECK(other->runtime_package == "podman");
    CHECK(other->package_ref == "node-1.2.tar.gz");
}

TEST_CASE("a setting that cannot be meant stops the server and names itself", "[api][machines]") {
    for (auto const& [name, value] :
         std::map<std::string, std::string>{{"ADAOS_OVERLAY_NETWORK", "10.77.0.1/24"},
                                            {"ADAOS_WG_PUBLIC_KEY", "short"},
                                            {"NODE_BOOTSTRAP_INSTALL_CONTAINER_RUNTIME", "maybe"},
                                            {"NODE_BOOTSTRAP_CONTAINER_RUNTIME_PACKAGE", "-o evil"},
                                            {"NODE_BOOTSTRAP_RESOLVE_ADDRESS", "cp.example.org"},
                                            {"NODE_BOOTSTRAP_API_URL", "http://cp.example.org"},
                                            {"NODE_BOOTSTRAP_SERVICE", "a b"}}) {
        CAPTURE(name);
        auto const read = read_host_settings(variables({{name, value}}), "/base");

        REQUIRE(read.has_error());
        CHECK(read.error().code == Problem::config_invalid);
        CHECK(read.error().context.find(name) == 0);
    }
}

TEST_CASE("an artifact is a plain file with a plain name", "[api][machines]") {
    adaos::test::TempDir folder;
    REQUIRE(
        store::write_file(folder.path() / "agent-1.0", "abc", store::Mode::readable).has_value());
    std::filesystem::create_symlink(folder.path() / "agent-1.0", folder.path() / "link");
    std::filesystem::create_directory(folder.path() / "folder");
    Artifacts artifacts;

    auto const found = artifacts.open(folder.path(), "agent-1.0");

    REQUIRE(found.has_value());
    CHECK(found->bytes == 3);
    CHECK(found->sha256 == to_hex(sha256(as_bytes("abc"))));
    for (auto const* const name :
         {"", ".", "..", "../agent-1.0", "link", "folder", "absent", ".agent", "a/b", "a b"}) {
        CAPTURE(name);
        auto const refused = artifacts.open(folder.path(), name);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == Problem::not_found);
    }
}

TEST_CASE("the digest of a file that was replaced is the new one's", "[api][machines]") {
    adaos::test::TempDir folder;
    Artifacts artifacts;
    for (auto const* const text : {"first", "other", "third one"}) {
        REQUIRE(
            store::write_file(folder.path() / "agent", text, store::Mode::readable).has_value());
        CHECK(artifacts.open(folder.path(), "agent")->sha256 == to_hex(sha256(as_bytes(text))));
        CHECK(artifacts.open(folder.path(), "agent")->sha256 == to_hex(sha256(as_bytes(text))));
    }
}

TEST_CASE("a tunnel that fails is told again until it takes the peers, and then not any more",
          "[api][machines]") {
    Store store;
    FakeTunnel tunnel;
    REQUIRE(sync_peers(store.db, store.overlay, tunnel).has_value());
    CHECK(tunnel.calls == 0);  // nothing to tell
    store.add(1);
    CHECK(sync_peers(store.db, store.overlay, tunnel).has_error());
    store.add(2);
    CHECK(sync_peers(store.db, store.overlay, tunnel).has_error());
    tunnel.works = true;

    REQUIRE(sync_peers(store.db, store.overlay, tunnel).has_value());
    REQUIRE(sync_peers(store.db, store.overlay, tunnel).has_value());

    CHECK(tunnel.calls == 3);
    REQUIRE(tunnel.has.size() == 2);
    CHECK(tunnel.has[0].overlay_address == "10.77.0.2");
    CHECK(tunnel.has[1].overlay_address == "10.77.0.3");
    REQUIRE(
        registry::Nodes(store.db).remove(tunnel.has[0].node_id, store.clock.wall()).has_value());
    REQUIRE(sync_peers(store.db, store.overlay, tunnel).has_value());
    CHECK(tunnel.has.size() == 1);
}

TEST_CASE("the peers' file is private and in the form that wg syncconf reads", "[api][machines]") {
    adaos::test::TempDir folder;
    Store store;
    store.add(1);
    auto const path = folder.path() / "wireguard" / "peers.conf";
    PeersFile file(path);

    REQUIRE(sync_peers(store.db, store.overlay, file).has_value());

    auto const text = store::read_secret(path);
    REQUIRE(text.has_value());
    CHECK(**text ==
          "# Written by adaos at each change; for: wg syncconf <interface> <this file>\n"
          "\n# host-1 00000000-0000-4000-8000-000000000001\n[Peer]\n"
          "PublicKey = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
          "AllowedIPs = 10.77.0.2/32\n");
}

}  // namespace adaos::machines_test
