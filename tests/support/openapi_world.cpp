#include "support/openapi_world.hpp"

#include "api/openapi.hpp"
#include "net/tls_mutual.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

namespace adaos::test {
namespace {

constexpr char const* dist_variable = "ADAOS_DIST_DIR";
constexpr char const* package_variable = "NODE_BOOTSTRAP_PACKAGE";
constexpr char const* registry_variable = "NODE_BOOTSTRAP_REGISTRY_CREDENTIAL_FILE";

std::string lines(std::vector<std::string> const& texts) {
    std::string out;
    for (auto const& text : texts) out += "\n  " + text;
    return out;
}

}  // namespace

MachineSettings::MachineSettings() {
    auto const put = [this](char const* name, std::string const& text, store::Mode mode) {
        auto const path = folder_.path() / name;
        store::write_file(path, text, mode).value();
        return path.string();
    };
    (void)put("openinfra-agent-linux-amd64", "an agent", store::Mode::readable);
    auto const package = put("node-1.0.tar.gz", "a package", store::Mode::readable);
    auto const credential = put(
        "registry.json", R"({"registry": "registry.test", "username": "node", "password": "word"})",
        store::Mode::secret);
    ::setenv(dist_variable, folder_.path().c_str(), 1);  // NOLINT: no other thread runs here
    ::setenv(package_variable, package.c_str(), 1);      // NOLINT
    ::setenv(registry_variable, credential.c_str(), 1);  // NOLINT
}

MachineSettings::~MachineSettings() {
    for (auto const* const name : {dist_variable, package_variable, registry_variable})
        ::unsetenv(name);  // NOLINT
}

DescribedWorld::DescribedWorld() : api(mesh.visit({.path = api::openapi_path}).value().body) {}

void DescribedWorld::judge(std::string const& server, Ask const& asked, net::Reply const& reply) {
    INFO(server << ": " << asked.method << " " << asked.path << " " << asked.body << "\n"
                << reply.head.status << " " << reply.body.substr(0, 400));
    auto const* const operation = api.find(server, asked.method, asked.path);
    REQUIRE(operation != nullptr);
    auto const answer = api.misfits_of_answer(*operation, reply.head, reply.body);
    CHECK("not described in the answer:" + lines(answer) == "not described in the answer:");
    if (reply.head.status >= 300) return;
    auto const request = api.misfits_of_request(*operation, asked.body);
    CHECK("not described in the request:" + lines(request) == "not described in the request:");
    seen_.emplace(operation->id, server);
}

net::Reply DescribedWorld::ask(std::string const& server, unsigned status, Ask ask) {
    auto const asked = ask;
    if (server == "root") ask.fields.add("X-Root-Token", mesh.root_token());
    if (server == "root" && !ask.body.empty() && ask.fields.find("Content-Type") == nullptr)
        ask.fields.add("Content-Type", "application/json");
    auto& node = server == "member" ? member : hub;
    auto reply =
        (server == "root" ? mesh.visit(std::move(ask)) : mesh.local(node, std::move(ask))).value();
    INFO(server << ": " << asked.method << " " << asked.path << " " << asked.body << "\n"
                << reply.body.substr(0, 400));
    CHECK(reply.head.status == status);
    judge(server, asked, reply);
    return reply;
}

std::string DescribedWorld::read(std::string const& server, Ask asked, std::string const& path) {
    return json_at(ask(server, 200, std::move(asked)).body, path);
}

net::Reply DescribedWorld::ask_as(DescribedAgent const& agent, unsigned status, Ask asked) {
    net::Fetch request;
    request.method = asked.method;
    auto origin = agent.server == "root" ? std::string(Mesh::root_url) : hub.url();
    if (origin.starts_with("http://")) origin.insert(4, "s");
    request.url = net::parse_url(origin).value();
    request.url.path = asked.path;
    request.fields.add("Content-Type", "application/json");
    request.body = asked.body;
    net::TlsTrust pinned;
    pinned.ca_fingerprint = read(agent.server, {.path = "/v1/ca"}, "signer_fingerprint_sha256");
    std::optional<net::TlsIdentity> const identity(
        net::TlsIdentity{agent.cert_pem, agent.key.to_pem()});
    auto context = net::make_strict_client(pinned, identity).value();
    context.judge_by(mesh.clock);
    auto reply =
        mesh.run(net::fetch_with(mesh.caller, mesh.timers, std::move(request), context)).value();
    INFO(reply.body);
    CHECK(reply.head.status == status);
    judge(agent.server, asked, reply);
    return reply;
}

DescribedAgent DescribedWorld::let_in(std::string const& server, std::string const& name) {
    auto const made = ask(server, 201,
                          {"POST", "/v1/nodes/join-tokens", "",
                           dump(Json{{"subnet_id", hub.subnet_id},
                                     {"ttl_seconds", 600},
                                     {"max_uses", 1},
                                     {"intended_node_name", name},
                                     {"note", "for a test"}})});
    DescribedAgent agent{server, name, pki::Key::make(pki::KeyType::p256).value(), ""};
    Json wish;
    wish["token"] = json_at(made.body, "token");
    wish["csr_pem"] = pki::make_request(agent.key, name).value();
    wish["node_name"] = name;
    wish["architecture"] = "amd64";
    wish["advertised_endpoint"] = "https://" + name + ".test:9400";
    wish["migration_host"] = name + ".test";
    wish["migration_port_range_start"] = 49152;
    wish["migration_port_range_end"] = 49251;
    wish["redeem_id"] = std::string(32, '1');
    auto const joined = ask(server, 201, {"POST", "/v1/nodes/join", "", dump(wish)});
    agent.cert_pem = json_at(joined.body, "cert_pem");
    return agent;
}

std::string DescribedWorld::code_of(std::string const& server) {
    Ask order{"POST", "/api/node/join-code", "", R"({"mode": "local", "length": 10})"};
    if (server == "root") {
        order.path = "/v1/subnets/join-code";
        order.body = dump(Json{{"subnet_id", hub.subnet_id}, {"ttl_minutes", 30}});
    }
    return json_at(ask(server, 201, std::move(order)).body, "code");
}

std::string DescribedWorld::join_order(std::string const& code) {
    Json order;
    if (!code.empty()) order["code"] = code;
    order["node_id"] = uuid();
    order["hostname"] = "some-host";
    order["zone_id"] = "de";
    order["csr_pem"] = csr();
    order["attempt_id"] = "once";
    return dump(order);
}

std::string DescribedWorld::csr() {
    return pki::make_request(pki::Key::make(pki::KeyType::p256).value(), "some").value();
}

std::string DescribedWorld::uuid() {
    return mesh.random.uuid();
}

std::set<std::string> DescribedWorld::unseen() const {
    std::set<std::string> out;
    for (auto const& one : api.operations())
        for (auto const& server : one.servers)
            if (!one.is_tree && server != "agent" && !seen_.contains({one.id, server}))
                out.insert(one.method + " " + one.path + " at " + server);
    return out;
}

}  // namespace adaos::test
