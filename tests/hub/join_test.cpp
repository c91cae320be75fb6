#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::join_test {

using namespace adaos::test;

TEST_CASE("a code minted over the link lets a machine in at Root's door", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");

    auto const code = mesh.make_code(hub);
    REQUIRE(mesh.join(node, code).has_value());

    auto const config = identity::peek_config(node.dir).value().value();
    CHECK(config.role == identity::Role::member);
    CHECK(config.subnet_id == hub.subnet_id);
    CHECK(config.hub_node_id == hub.id);
    CHECK(config.hub_url == "https://root.test:8443/hubs/" + hub.subnet_id);
    CHECK(config.root_base_url == Mesh::root_url);
    CHECK(config.node_names == std::vector<std::string>{"beta"});
    CHECK(identity::load_credentials(node.dir, identity::Role::member).value().has_value());
    // Root told the hub, before the machine itself came.
    CHECK(mesh.member(hub, node.id, "state") == "offline");
    CHECK(mesh.member(hub, node.id, "name") == "beta");

    mesh.start(node);
    CHECK(mesh.linked(node));
    CHECK(mesh.status(node, "ready") == "true");
    CHECK(mesh.status(node, "link.upstream") == config.hub_url + "/ws/subnet");
    CHECK(mesh.member(hub, node.id, "state") == "connected");
    CHECK(mesh.member(hub, node.id, "issued_by") == "root");
}

TEST_CASE("a hub that runs becomes a member once it has joined", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");
    mesh.start(node);
    CHECK(mesh.status(node, "role") == "hub");

    REQUIRE(mesh.join(node, mesh.make_code(hub)).has_value());

    CHECK(mesh.until([&] { return node.role() == identity::Role::member; }, 2s));
    CHECK(mesh.linked(node, 2s));
    CHECK(mesh.member(hub, node.id, "state") == "connected");
}

TEST_CASE("a join may be repeated until the hub has had the first hello, and not after",
          "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");
    REQUIRE(mesh.join(node, mesh.make_code(hub)).has_value());

    auto const again = mesh.replay_join(node);
    CHECK(again.head.status == 200);
    CHECK(json_at(again.body, "diagnostics.replayed") == "true");

    mesh.start(node);
    REQUIRE(mesh.linked(node));
    auto const refused = mesh.replay_join(node);
    CHECK(refused.head.status == 409);
    CHECK(json_at(refused.body, "code") == "ADAOS-J005");
}

TEST_CASE("a first hello while Root is away seals the join when Root is back", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");
    REQUIRE(mesh.join(node, mesh.make_code(hub), Mesh::root_url, hub.url()).has_value());
    mesh.network.unplug(Mesh::root_host);
    REQUIRE(mesh.until([&] { return !mesh.is_linked(hub); }));

    mesh.start(node);
    CHECK(mesh.linked(node));
    mesh.network.plug(Mesh::root_host);
    CHECK(mesh.replay_join(node).head.status == 200);  // Root cannot know yet
    REQUIRE(mesh.linked(hub));
    mesh.pass(1s);

    CHECK(mesh.replay_join(node).head.status == 409);
}

TEST_CASE("a join sealed in Root's store stays sealed over Root's restart", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.add_member("beta.test", hub);
    REQUIRE(mesh.replay_join(node).head.status == 409);

    mesh.stop_root();
    mesh.start_root();

    CHECK(mesh.replay_join(node).head.status == 409);
    CHECK(mesh.linked(hub));
    CHECK(mesh.linked(node));
}

TEST_CASE("of two machines with one code at the same moment one gets in", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto& first = mesh.make_node("beta.test");
    auto& second = mesh.make_node("gamma.test");

    CHECK(mesh.join(first, code).has_value());
    auto const refused = mesh.join(second, code);

    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Problem::code_used);
    CHECK_FALSE(identity::peek_config(second.dir).value().has_value());
}

TEST_CASE("a code lives fifteen minutes", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");
    auto const code = mesh.make_code(hub);

    mesh.pass(15min);
    auto const late = mesh.join(node, code);

    REQUIRE(late.has_error());
    CHECK(late.error().code == Problem::code_expired);
}

TEST_CASE("without its link a hub mints no code at Root, but its own", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.network.unplug(Mesh::root_host);
    REQUIRE(mesh.until([&] { return !mesh.is_linked(hub); }));

    test::Ask ask{"POST", "/api/node/join-code", "", "{}"};
    auto const refused = mesh.local(hub, ask).value();
    CHECK(refused.head.status == 502);
    CHECK(json_at(refused.body, "code") == "ADAOS-U001");

    auto& node = mesh.make_node("beta.test");
    REQUIRE(mesh.join(node, mesh.make_code(hub, "local"), hub.url()).has_value());
    mesh.start(node);
    CHECK(mesh.linked(node));
    CHECK(mesh.member(hub, node.id, "issued_by") == "hub");
    CHECK(mesh.member(hub, node.id, "state") == "connected");
}

TEST_CASE("the join door of a hub is shut for plain HTTP from elsewhere", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");
    REQUIRE(mesh.join(node, mesh.make_code(hub, "local"), hub.url()).has_value());
    net::Fetch request;
    request.method = "POST";
    request.url = net::parse_url(hub.url() + "/api/node/join").value();
    request.fields.add("Content-Type", "application/json");
    request.body = node.join_body;

    auto const refused = mesh.run(net::fetch(mesh.caller, mesh.timers, std::move(request))).value();

    CHECK(refused.head.status == 403);
    CHECK(json_at(refused.body, "code") == "ADAOS-J007");
}

TEST_CASE("a token is not read over plain HTTP from elsewhere", "[hub][join]") {
    auto const* const door = GENERATE("/v1/nodes/join", "/v1/enrol");
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    net::Fetch request;
    request.method = "POST";
    request.url = net::parse_url(hub.url() + door).value();
    request.fields.add("Content-Type", "application/json");
    request.body = "{";  // refused before it is looked at

    auto const refused = mesh.run(net::fetch(mesh.caller, mesh.timers, std::move(request))).value();

    CHECK(refused.head.status == 403);
    CHECK(json_at(refused.body, "code") == "ADAOS-J007");
}

TEST_CASE("a machine waits for a Root that is not there yet, and then joins", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto& node = mesh.make_node("beta.test");
    mesh.network.set_reach(Mesh::root_host, test::MeshNetwork::Reach::refusing);
    auto const back = mesh.timers.call_after(10s, [&] { mesh.network.plug(Mesh::root_host); });

    CHECK(mesh.join(node, code).has_value());
}

TEST_CASE("a script joins with a code and a node id alone, and is given its key once",
          "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    std::string const id = "00000000-0000-4000-8000-00000000000a";
    auto const body = R"({"code":")" + mesh.make_code(hub) + R"(","node_id":")" + id +
                      R"(","hostname":"script-box"})";
    auto const post = [&] {
        Ask ask{"POST", "/v1/subnets/join", "", body};
        ask.fields.add("Content-Type", "application/json");
        return mesh.visit(std::move(ask)).value();
    };

    auto const reply = post();
    REQUIRE(reply.head.status == 200);
    auto const key = pki::Key::from_pem(Secret(json_at(reply.body, "key_pem"))).value();
    auto const leaf = pki::Certificate::from_pem(json_at(reply.body, "cert_pem")).value();
    CHECK(leaf.matches(key));
    CHECK(leaf.node()->node_id == id);
    CHECK(mesh.member(hub, id, "name") == "script-box");

    CHECK(post().head.status == 409);
}

}  // namespace adaos::join_test
