// What an agent answers, held against docs/reference/openapi.yaml.
#include "net/http_server.hpp"
#include "node/agent_app.hpp"
#include "store/atomic_file.hpp"
#include "support/openapi_world.hpp"

#include <catch2/catch.hpp>

namespace adaos::openapi_agent_test {

using namespace adaos::test;

namespace {

constexpr char const* name = "builder";
constexpr char const* listen = "builder.test:9400";
constexpr char const* plain = "builder.test:9401";

/// An agent that serves, let in by Root. Asked over plain HTTP beside its own port: clients of ours
/// take an agent for no server.
class Serving {
public:
    explicit Serving(DescribedWorld& world) : world_(world), agent_(world.let_in("root", name)) {
        node::AgentConfig config;
        config.listen = listen;
        config.control_plane_url = Mesh::root_url;
        config.node_name = name;
        config.key_path = put("agent.key", agent_.key.to_pem().reveal(), store::Mode::secret);
        config.cert_path = put("agent.crt", agent_.cert_pem, store::Mode::readable);
        config.ca_path = put("ca.crt", world.read("root", {.path = "/v1/ca"}, "cas.0.cert_pem"),
                             store::Mode::readable);
        config.advertised_endpoint = std::string("https://") + listen;
        config.migration_host = "builder.test";
        auto const yaml = put("agent.yaml", node::agent_yaml(config), store::Mode::readable);
        app_ = std::make_unique<node::AgentApp>(world.mesh.env(host_, log_), yaml,
                                                [](auto const&, auto const&) {});
        running_.emplace(world.mesh.loop.start(app_->run()));
        net::HttpServer::Options options;
        options.security = net::Security::plain;
        server_ = std::make_unique<net::HttpServer>(world.mesh.loop.executor(),
                                                    host_.listen({"builder.test", 9401}).value(),
                                                    *app_, world.mesh.timers, options, log_.log());
        serving_.emplace(world.mesh.loop.start(server_->run()));
        world.mesh.settle();
    }
    ~Serving() {
        world_.mesh.run(server_->stop(1s));
        world_.mesh.run(app_->stop());
        world_.mesh.until([&] { return running_->done() && serving_->done(); });
    }
    Serving(Serving const&) = delete;
    Serving& operator=(Serving const&) = delete;

    net::Reply ask(Ask const& asked) {
        net::Fetch request;
        request.method = asked.method;
        request.url = net::parse_url(std::string("http://") + plain).value();
        request.url.path = asked.path;
        auto& mesh = world_.mesh;
        return mesh.run(net::fetch(mesh.caller, mesh.timers, std::move(request))).value();
    }

private:
    std::string put(char const* file, std::string const& text, store::Mode mode) {
        auto const path = folder_.path() / file;
        store::write_file(path, text, mode).value();
        return path.string();
    }

    DescribedWorld& world_;
    DescribedAgent agent_;
    TempDir folder_;
    MeshHost host_{world_.mesh.network, "builder.test"};
    LogLines log_;
    std::unique_ptr<node::AgentApp> app_;
    std::unique_ptr<net::HttpServer> server_;
    std::optional<Pending<void>> running_, serving_;
};

}  // namespace

TEST_CASE("an agent answers as the OpenAPI file says", "[hub][openapi]") {
    DescribedWorld world;
    Serving agent(world);
    int asked = 0;
    for (auto const& one : world.api.operations()) {
        if (!one.is_of("agent")) continue;
        Ask const ask{one.method, one.path == "/errors/{id}" ? "/errors/ADAOS-J001" : one.path};
        auto const reply = agent.ask(ask);
        CHECK(reply.head.status == 200);
        world.judge("agent", ask, reply);
        ++asked;
    }
    CHECK(asked == 6);
    CHECK(json_at(agent.ask({.path = "/api/ping"}).body, "role") == "agent");
}

}  // namespace adaos::openapi_agent_test
