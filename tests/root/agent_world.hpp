#pragma once
/// An agent in a mesh: the machine, its files, and the node that Root knows of it.

#include "base/json.hpp"
#include "node/agent_app.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::test {

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
    /// Of Root's whole store.
    [[nodiscard]] std::int64_t number(std::string_view sql) const {
        auto db = store::Database::open(mesh.root_database()).value();
        auto row = db.prepare(sql);
        REQUIRE(row.step().value());
        return row.integer(0);
    }
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

}  // namespace adaos::test
