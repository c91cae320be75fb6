// An agent has no link: it renews over HTTPS, and recovers with its key.
#include "base/json.hpp"
#include "node/agent_app.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

using namespace adaos;
using namespace adaos::test;

namespace {

/// A machine with an agent that was let in by a join token at Root.
class AgentWorld {
public:
    AgentWorld() {
        node::AgentConfig config;
        config.listen = "127.0.0.1:9400";
        config.control_plane_url = Mesh::root_url;
        config.node_name = "builder";
        config.key_path = (folder_.path() / "agent.key").string();
        config.cert_path = (folder_.path() / "agent.crt").string();
        config.ca_path = (folder_.path() / "ca.crt").string();
        config.advertised_endpoint = "https://builder.test:9400";
        config.migration_host = "builder.test";
        put(yaml(), node::agent_yaml(config));
        put(config.key_path, key_.to_pem().reveal(), store::Mode::secret);
        auto const answer = enrol(config);
        put(config.cert_path, json_at(answer, "cert_pem"));
        put(config.ca_path, json_at(answer, "ca_cert_pem"));
    }
    ~AgentWorld() { stop(); }

    void start() {
        app_ = std::make_unique<node::AgentApp>(mesh.env(host_, log_), yaml(),
                                                [](auto const&, auto const&) {});
        running_.emplace(mesh.loop.start(app_->run()));
        mesh.settle();
    }
    void stop() {
        if (!app_) return;
        mesh.run(app_->stop());
        mesh.until([&] { return running_->done(); });
        app_.reset();
    }
    [[nodiscard]] pki::Certificate leaf() const {
        return *pki::Certificate::from_pem(**store::read_file(folder_.path() / "agent.crt"));
    }
    [[nodiscard]] bool matches_key() const { return leaf().matches(key_); }
    [[nodiscard]] net::Reply ask(Ask asked) {
        asked.fields.add("X-Root-Token", mesh.root_token());
        if (!asked.body.empty()) asked.fields.add("Content-Type", "application/json");
        return mesh.visit(std::move(asked)).value();
    }
    [[nodiscard]] std::string shown(std::string const& field) {
        return json_at(ask({"GET", "/v1/nodes/builder"}).body, field);
    }
    [[nodiscard]] bool said(std::string const& text) const { return log_.has(text); }
    /// What the agent logged, for a failed check.
    [[nodiscard]] std::string log() const {
        std::string out;
        for (auto const& line : log_.lines) out += "\n" + line;
        return out;
    }

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");

private:
    [[nodiscard]] std::filesystem::path yaml() const { return folder_.path() / "agent.yaml"; }
    static void put(std::filesystem::path const& path, std::string const& text,
                    store::Mode mode = store::Mode::readable) {
        REQUIRE(store::write_file(path, text, mode).has_value());
    }
    std::string enrol(node::AgentConfig const& config) {
        Json order;
        order["subnet_id"] = hub.subnet_id;
        auto const token =
            json_at(ask({"POST", "/v1/nodes/join-tokens", "", dump(order)}).body, "token");
        Json wish;
        wish["token"] = token;
        wish["csr_pem"] = *pki::make_request(key_, "builder");
        wish["node_name"] = config.node_name;
        wish["architecture"] = "amd64";
        wish["advertised_endpoint"] = config.advertised_endpoint;
        wish["migration_host"] = config.migration_host;
        wish["migration_port_range_start"] = config.migration_port_range_start;
        wish["migration_port_range_end"] = config.migration_port_range_end;
        auto const reply = ask({"POST", "/v1/nodes/join", "", dump(wish)});
        REQUIRE(reply.head.status == 201);
        return reply.body;
    }

    TempDir folder_;
    MeshHost host_{mesh.network, "builder.test"};
    LogLines log_;
    pki::Key key_ = *pki::Key::make(pki::KeyType::p384);
    std::unique_ptr<node::AgentApp> app_;
    std::optional<Pending<void>> running_;
};

}  // namespace

TEST_CASE("an agent renews its certificate from half of its life on, for the same key",
          "[root][agent]") {
    AgentWorld world;
    world.start();
    auto const first = world.leaf().fingerprint();
    world.mesh.pass(1min);
    INFO(world.log());
    CHECK(world.shown("status") == "ready");
    CHECK(world.leaf().fingerprint() == first);

    for (int month = 0; month < 4; ++month) {
        auto const before = world.leaf().fingerprint();
        world.mesh.jump(16 * 24h);
        INFO(world.log());
        REQUIRE(world.mesh.until([&] { return world.leaf().fingerprint() != before; }, 2min));
        CHECK(world.matches_key());
        CHECK(world.leaf().is_agent());
        world.mesh.pass(1min);
        CHECK(world.shown("status") == "ready");
    }
}

TEST_CASE("an agent that was off past the end of its certificate recovers with its key",
          "[root][agent]") {
    AgentWorld world;
    auto const first = world.leaf().fingerprint();
    world.mesh.jump(60 * 24h);
    world.start();
    REQUIRE(world.mesh.until([&] { return world.leaf().fingerprint() != first; }, 2min));
    world.mesh.pass(1min);
    CHECK(world.shown("status") == "ready");

    world.stop();
    auto const second = world.leaf().fingerprint();
    world.mesh.jump((30 + 91) * 24h);
    world.start();
    world.mesh.pass(5min);
    CHECK(world.leaf().fingerprint() == second);
    CHECK(world.said("certificate ended too long ago to be renewed"));
}

TEST_CASE("a removed agent gets no other certificate", "[root][agent]") {
    AgentWorld world;
    world.start();
    world.mesh.pass(1min);
    CHECK(world.ask({"DELETE", "/v1/nodes/builder"}).head.status == 204);
    auto const first = world.leaf().fingerprint();
    world.mesh.jump(16 * 24h);
    world.mesh.pass(5min);
    CHECK(world.leaf().fingerprint() == first);
}
