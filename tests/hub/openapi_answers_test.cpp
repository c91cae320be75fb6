// What Root, a hub and a member answer, held against docs/reference/openapi.yaml.
#include "base/bytes.hpp"
#include "enrol/join_code.hpp"
#include "enrol/pake.hpp"
#include "enrol/pake_messages.hpp"
#include "node/root_init.hpp"
#include "pki/request.hpp"
#include "support/mesh_visitor.hpp"
#include "support/openapi_world.hpp"

#include <catch2/catch.hpp>

namespace adaos::openapi_answers_test {

using namespace adaos::test;

namespace {

using World = DescribedWorld;

Ask post(std::string path, Json const& body) {
    return {"POST", std::move(path), "", dump(body)};
}

void see_open_pages(World& world, std::string const& server) {
    for (auto const* const path : {"/", "/healthz", "/api/ping", "/api/v1/openapi.yaml"})
        world.ask(server, 200, {.path = path});
    world.ask(server, 200, {.path = "/errors"});
    world.ask(server, 200, {.path = "/errors/ADAOS-J004"});
    world.ask(server, 404, {.path = "/errors/ADAOS-J999"});
}

void see_node(World& world, std::string const& server) {
    world.ask(server, 200, {.path = "/api/node/status"});
    world.ask(server, 200, {.path = "/api/probe/download?bytes=1000"});
    world.ask(server, 422, {.path = "/api/probe/download?bytes=many"});
    world.ask(server, 200, {"POST", "/api/probe/upload", "", "anything"});
}

void see_members(World& world) {
    world.mesh.add_member("gamma.test", world.hub);
    world.ask("hub", 200, {.path = "/api/node/members"});
}

void see_joining(World& world, std::string const& server) {
    auto const* const door = server == "root" ? "/v1/subnets/join" : "/api/node/join";
    auto const order = world.join_order(world.code_of(server));
    world.ask(server, 200, {"POST", door, "", order});
    world.ask(server, 200, {"POST", door, "", order});  // again: replayed
    world.ask(server, 409, {"POST", door, "", world.join_order(json_at(order, "code"))});
    world.ask(server, 404, {"POST", door, "", world.join_order("ABCD-EFGH")});
    world.ask(server, 422, post(door, Json{{"code", "ABCD-EFGH"}}));
    world.ask(server, 400, {"POST", door, "", "{"});

    auto const code = enrol::parse_code(world.code_of(server)).value();
    enrol::PakeClient client(code, world.mesh.random);
    auto const params =
        world.ask(server, 200, {"POST", "/v1/join/params", "", client.params_body()});
    auto const share = enrol::write_json(client.take_params(params.body).value());
    auto const shared = world.ask(server, 200, {"POST", "/v1/join/share", "", share});
    auto const proof = enrol::parse_share_answer(shared.body).value();
    auto const last = enrol::write_json(client.take_share(proof, world.join_order("")).value());
    auto const done = world.ask(server, 200, {"POST", "/v1/join/finish", "", last});
    auto const box = client.take_finish(enrol::parse_finish_answer(done.body).value()).value();
    net::Reply inside;  // the plain door's answer is in the box
    inside.head.status = 200;
    inside.head.fields.add("Content-Type", "application/json");
    inside.head.fields.add("Cache-Control", header(done.head, "cache-control"));
    inside.body = box;
    world.judge(server, {"POST", door, "", world.join_order(code.reveal())}, inside);
    auto const no_run = to_base64(Bytes(16, std::byte{0}));
    world.ask(server, 400,
              post("/v1/join/share", Json{{"sid", no_run}, {"shareP", json_at(share, "shareP")}}));
    world.ask(server, 422, post("/v1/join/params", Json{{"v", 2}}));
}

void see_grants(World& world, std::string const& server, std::string const& authority) {
    auto const path = [&](std::string const& rest) {
        auto const mark = rest.find('?') == std::string::npos ? "?" : "&";
        return "/v1/enrol/grants" + rest + (authority.empty() ? "" : mark + authority);
    };
    Json order{{"subnet_id", world.hub.subnet_id}, {"ttl_seconds", 600}, {"note", "for a test"}};
    std::string id;
    for (auto const* const kind : {"member", "host", "node"}) {
        order["kind"] = kind;
        id = json_at(world.ask(server, 201, post(path(""), order)).body, "id");
    }
    world.ask(server, 200, {.path = path("")});
    world.ask(server, 200, {.path = path("?include_expired=true&limit=1")});
    world.ask(server, 200, {.path = path("/" + id)});
    world.ask(server, 200, {.path = path("/" + id + "/redemptions")});
    world.ask(server, 200, {.path = path("/" + id + "/audit")});
    world.ask(server, 200, {"DELETE", path("/" + id)});
    world.ask(server, 404, {.path = path("/" + world.uuid())});
    world.ask(server, 422, {.path = path("?limit=0")});
    order["kind"] = "hub";
    world.ask(server, 422, post(path(""), order));
    auto const audit = "/v1/audit?grant_id=" + id + (authority.empty() ? "" : "&" + authority);
    world.ask(server, 200, {.path = audit});
}

void see_join_tokens(World& world, std::string const& server) {
    auto const* const tokens = "/v1/nodes/join-tokens";
    world.let_in(server, server + "-a");
    auto const open = post(tokens, Json{{"subnet_id", world.hub.subnet_id}, {"max_uses", nullptr}});
    auto const made = world.ask(server, 201, open);
    auto const id = json_at(made.body, "id");
    Json order{{"secret", json_at(made.body, "token")},
               {"csr_pem", world.csr()},
               {"node_name", server + "-b"}};
    world.ask(server, 201, post("/v1/enrol", order));
    world.ask(server, 401, post("/v1/enrol", Json{{"secret", "no_such"}, {"csr_pem", "x"}}));
    world.ask(server, 400, post("/v1/nodes/join", Json{{"token", "no_such"}}));
    world.ask(server, 200, {.path = tokens});
    auto const used = std::string(tokens) + "/" + id;
    CHECK_FALSE(world.read(server, {.path = used + "/consumptions"}, "data.0.id").empty());
    world.ask(server, 200, {.path = "/v1/enrol/grants/" + id + "/redemptions"});
    world.ask(server, 204, {"DELETE", used});
    world.ask(server, 400, {"DELETE", std::string(tokens) + "/x"});
    world.ask(server, 404, {"DELETE", std::string(tokens) + "/" + world.uuid()});
    world.ask(server, 400, {.path = std::string(tokens) + "?limit=0"});
    Json const bound{{"intended_node_name", "one"}, {"max_uses", 2}};
    CHECK(json_at(world.ask(server, 400, post(tokens, bound)).body, "details.field") == "max_uses");
}

void see_hosts(World& world, std::string const& server) {
    auto const* const invites = "/api/v1/admin/host-invites";
    Json const wish{{"subnet_id", world.hub.subnet_id},
                    {"ttl_hours", 1},
                    {"overlay_address", "auto"},
                    {"payout_pubkey", "key"}};
    auto const invite = world.ask(server, 201, post(invites, wish));
    auto const spare = world.ask(server, 201, post(invites, wish));
    auto const wg_key = to_base64(Bytes(32, server == "root" ? std::byte{1} : std::byte{2}));
    Json order{{"token", json_at(invite.body, "token")},
               {"hostname", server + "-host"},
               {"architecture", "amd64"},
               {"csr_pem", world.csr()},
               {"wg_public_key", wg_key},
               {"redeem_id", std::string(32, '1')}};
    auto const* const door = "/api/v1/hosts/register";
    world.ask(server, 403, post(door, order));  // without the claim
    order["payout_pubkey"] = "key";
    auto const host = json_at(world.ask(server, 201, post(door, order)).body, "host_id");
    order["redeem_id"] = std::string(32, '2');
    world.ask(server, 409, post(door, order));
    world.ask(server, 200, {.path = invites});
    world.ask(server, 200, {.path = std::string(invites) + "?include_expired=1"});
    world.ask(server, 204, {"DELETE", invites + ("/" + json_at(spare.body, "id"))});
    world.ask(server, 409, {"DELETE", invites + ("/" + json_at(invite.body, "id"))});
    CHECK(world.read(server, {.path = "/api/v1/admin/hosts"}, "hosts.0.hostname") ==
          server + "-host");
    auto const peer = "/api/v1/admin/hosts/" + host + "/peer";
    world.ask(server, 200, {"PUT", peer, "", dump(Json{{"wg_public_key", wg_key}})});
    world.ask(server, 422, {"PUT", peer, "", "{}"});
    world.ask(server, 200, {.path = "/dist/openinfra-agent-linux-amd64"});
    world.ask(server, 404, {.path = "/dist/none"});
}

void see_bootstrap(World& world, std::string const& server) {
    auto const* const nodes = "/api/v1/admin/nodes";
    Json const item{{"host", server + "-new.test"},
                    {"subnet_id", world.hub.subnet_id},
                    {"sku", "small"},
                    {"onboarding_mode", "manual"}};
    auto const id = json_at(world.ask(server, 201, post(nodes, item)).body, "node_id");
    world.ask(server, 409, post(nodes, item));  // the name
    auto const made = nodes + ("/" + id + "/bootstrap-script");
    auto const first = world.ask(server, 200, {"POST", made + "?mode=cloud_init"});
    auto const one =
        world.ask(server, 200, post(made, Json{{"ttl_seconds", 600}, {"note", "again"}}));
    world.ask(server, 400, {"POST", made + "?mode=none"});
    auto const read = [](net::Reply const& reply, std::string const& what) {
        return "/api/v1/bootstrap/nodes/" + json_at(reply.body, "bootstrap_token") + "/" + what;
    };
    world.ask(server, 410, {.path = read(first, "script")});  // superseded
    world.ask(server, 200, {.path = read(one, "script")});
    world.ask(server, 200, {"POST", read(one, "script?format=sh")});
    world.ask(server, 200, {.path = read(one, "registry-credential")});
    world.ask(server, 200, {.path = read(one, "registry-credential?format=env")});
    world.ask(server, 200, {.path = read(one, "package")});
    world.ask(server, 409, {.path = read(one, "package")});  // five reads
    world.ask(server, 404, {.path = "/api/v1/bootstrap/nodes/none/script"});
    CHECK(world.read(server, {.path = nodes + ("/" + id)}, "status") == "pending");
}

void see_nodes(World& world, std::string const& server) {
    world.ask(server, 200, {.path = "/v1/nodes"});
    world.ask(server, 200, {.path = "/v1/nodes?limit=1&status=ready"});
    world.ask(server, 400, {.path = "/v1/nodes?limit=0"});
    world.ask(server, 200, {.path = "/v1/nodes/beta"});
    world.ask(server, 404, {.path = "/v1/nodes/nobody"});
    world.ask(server, 200, {.path = "/api/v1/admin/nodes/" + world.member.id});
    for (auto const* const order : {"cordon", "drain", "uncordon", "pause", "resume"})
        world.ask(server, 200, {"POST", std::string("/v1/nodes/beta/") + order});
    auto const gone = server + "-b";  // an agent, of see_join_tokens
    world.ask(server, 204, {"DELETE", "/v1/nodes/" + gone + "?force=true"});
    world.ask(server, 404, {"DELETE", "/v1/nodes/" + gone});
}

void see_agents(World& world, DescribedAgent const& agent) {
    auto const path = "/v1/nodes/" + agent.name + "/heartbeat";
    Json const report{{"architecture", "amd64"},
                      {"agent_version", "1.0"},
                      {"labels", {{"rack", "a"}}},
                      {"hardware", {{"cpus", 4}}},
                      {"provisioning", "provisioned"}};
    world.ask_as(agent, 200, post(path, report));
    world.ask_as(agent, 400, post(path, Json{{"mood", "good"}}));
    world.ask_as(agent, 401, post("/v1/nodes/other/heartbeat", report));
    world.ask(agent.server, 401, post(path, report));
    auto const request = pki::make_request(agent.key, agent.name).value();
    world.ask_as(agent, 200, post("/v1/enrol/renew", Json{{"csr_pem", request}}));
    world.ask_as(agent, 409, post("/v1/enrol/renew", Json{{"csr_pem", world.csr()}}));
    world.ask(agent.server, 401, post("/v1/enrol/renew", Json{{"csr_pem", request}}));
    world.ask(agent.server, 200, {.path = "/v1/nodes/" + agent.name});
}

void see_recovery(World& world, DescribedAgent const& agent) {
    auto const request = pki::make_request(agent.key, agent.name).value();
    Json order{{"cert_pem", agent.cert_pem}, {"csr_pem", request}};
    world.ask(agent.server, 200, post("/v1/enrol/recover", order));
    order["csr_pem"] = world.csr();
    world.ask(agent.server, 409, post("/v1/enrol/recover", order));
}

void see_access(World& world) {
    std::string const tokens = "/api/access/tokens";
    for (std::string const server : {"root", "hub"}) {
        auto const made = world.ask(
            server, 201, post(tokens, Json{{"name", "me"}, {"scope", "view"}, {"ttl", "1d"}}));
        world.ask(server, 422, post(tokens, Json{{"name", "me"}, {"scope", "all"}}));
        world.ask(server, 200, {.path = tokens});
        world.ask(server, 200, {"DELETE", tokens + "/" + json_at(made.body, "id")});
        world.ask(server, 404, {"DELETE", tokens + "/none"});
    }
}

void see_subnets(World& world) {
    HubPapers const papers(world.uuid());
    auto const token = world.mesh.ask_bootstrap(papers, "sn_00000009");
    auto const fingerprint = "sha256:" + to_hex(papers.key.spki_sha256());
    world.judge("root", post("/v1/bootstrap_token", Json{{"fingerprint", fingerprint}}), token);
    auto const given = json_at(token.body, "one_time_token");
    auto const reply = world.mesh.ask_register(papers, given);
    Json const order{{"csr_pem", world.csr()},
                     {"issuer_csr_pem", world.csr()},
                     {"node_id", papers.node_id},
                     {"hostname", "some-host"}};
    world.judge("root", post("/v1/subnets/register", order), reply);
    auto const again = world.mesh.ask_register(papers, given);
    CHECK(again.head.status == 401);
    world.judge("root", post("/v1/subnets/register", order), again);
    auto const subnet = json_at(reply.body, "subnet_id");
    world.ask("root", 200, {"DELETE", "/v1/subnets/" + subnet});
    world.ask("root", 404, {"DELETE", "/v1/subnets/" + subnet});
}

/// Both links as a stranger would begin them: the TLS inside is what would refuse it.
void see_links(World& world) {
    std::pair<std::string, std::string> const ways[] = {
        {"root", "/ws/hub"}, {"hub", "/hubs/" + world.hub.subnet_id + "/ws/subnet"}};
    for (auto const& [server, path] : ways) {
        auto const inner = server == "root" ? path : std::string("/ws/subnet");
        Visitor visitor(world.mesh);
        Ask ask{.path = path};
        ask.fields.add("Upgrade", "websocket");
        ask.fields.add("Connection", "Upgrade");
        ask.fields.add("Sec-WebSocket-Version", "13");
        ask.fields.add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        net::Framing const none{net::Framing::Kind::none, 0};
        REQUIRE(world.mesh.run(visitor.client->send_head(head_of(ask), none)).has_value());
        auto const head = world.mesh.run(visitor.client->read_head()).value();
        CHECK(head.status == 101);
        world.judge(server, {.path = inner}, {head, ""});
        world.ask(server, 426, {.path = inner});
    }
}

void see_relay(World& world) {
    auto const at_hub = "/hubs/" + world.hub.subnet_id;
    world.ask("root", 200, {.path = at_hub + "/api/ping"});
    world.ask("root", 404, {.path = "/hubs/sn_0000000f/api/ping"});
    world.ask("hub", 200, {.path = "/nodes/beta/api/node/status"});
    world.ask("hub", 200, {"POST", "/nodes/beta/api/probe/upload", "", "anything"});
    world.ask("hub", 404, {.path = "/nodes/nobody/"});
    world.ask("hub", 409, {"DELETE", "/v1/nodes/alpha"});  // itself
    world.mesh.stop(world.member);
    world.ask("hub", 503, {.path = "/nodes/beta/"});
    world.ask("hub", 503, {"POST", "/v1/nodes/beta/pause"});
}

}  // namespace

TEST_CASE("what servers answer, and what they take, is what the OpenAPI file says",
          "[hub][openapi]") {
    World world;
    for (auto const* const server : {"root", "hub", "member"}) see_open_pages(world, server);
    for (auto const* const server : {"hub", "member"}) see_node(world, server);
    see_members(world);
    std::vector<DescribedAgent> agents;
    for (auto const* const server : {"root", "hub"}) {
        see_joining(world, server);
        see_grants(world, server, "");
        see_join_tokens(world, server);
        see_hosts(world, server);
        see_bootstrap(world, server);
        see_nodes(world, server);
        agents.push_back(world.let_in(server, std::string(server) + "-agent"));
        see_agents(world, agents.back());
    }
    see_grants(world, "hub", "authority=root");
    see_access(world);
    see_subnets(world);
    see_links(world);
    for (auto const* const server : {"hub", "member"})
        world.ask(server, 200, {"POST", "/api/node/reload"});
    REQUIRE(world.mesh.linked(world.member));
    see_relay(world);
    world.mesh.jump(40 * 24h);
    world.mesh.pass(5min);
    for (auto const& agent : agents) see_recovery(world, agent);

    CHECK(world.unseen() == std::set<std::string>());
}

TEST_CASE("a refusal is what the OpenAPI file says of it", "[hub][openapi]") {
    World world;
    auto const as = [&](std::string const& token, Ask ask) {
        auto const asked = ask;
        ask.path.insert(0, "/hubs/" + world.hub.subnet_id);
        ask.token = token;
        auto const reply = world.mesh.visit(std::move(ask)).value();
        world.judge("hub", asked, reply);
        return reply.head.status;
    };
    auto const viewer = world.mesh.make_token(world.hub, "view");
    for (auto const& one : world.api.operations()) {
        bool const varies = one.path.find('{') != std::string::npos;
        bool const guarded = one.said->contains("x-adaos-scope");
        if (!one.is_of("hub") || varies || !guarded) continue;
        INFO(one.id);
        auto const scope = string_or_empty(*one.said, "x-adaos-scope");
        CHECK(as("", {one.method, one.path}) == 401);
        if (scope != "view") CHECK(as(viewer, {one.method, one.path}) == 403);
    }
    auto const admin = world.mesh.make_token(world.hub, "admin");
    for (auto const& one : world.api.operations()) {
        bool const varies = one.path.find('{') != std::string::npos;
        bool const takes = one.said->contains("requestBody") && one.id != "probeUpload";
        if (!one.is_of("hub") || varies || !takes) continue;
        // Some doors take nothing over a link, or nothing without a certificate.
        auto const first = as(admin, {one.method, one.path});
        if (first == 401 || first == 403) continue;
        INFO(one.id);
        Ask plain{one.method, one.path, "", "{}"};
        plain.fields.add("Content-Type", "text/plain");
        CHECK(as(admin, plain) == 415);
        Ask large{one.method, one.path, "", std::string(65 * 1024, ' ')};
        CHECK(as(admin, large) == 413);
        CHECK(as(admin, {one.method, one.path, "", "{"}) == 400);
    }
}

}  // namespace adaos::openapi_answers_test
