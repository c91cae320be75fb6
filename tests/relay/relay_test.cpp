// A request through Root to a hub and its members: who gets in, and what is said when nobody is
// there.
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::relay_test {

using namespace adaos::test;

namespace {

struct RelayWorld {
    RelayWorld() : hub(mesh.add_hub("alpha.test")), node(mesh.add_member("beta.test", hub)) {}
    [[nodiscard]] std::string at_hub(std::string const& path) const {
        return "/hubs/" + hub.subnet_id + path;
    }
    [[nodiscard]] std::string at_node(std::string const& path) const {
        return at_hub("/nodes/" + node.id + path);
    }
    unsigned status(Ask ask) { return mesh.visit(std::move(ask)).value().head.status; }

    Mesh mesh;
    MeshNode& hub;
    MeshNode& node;
};

Ask with_scope(Ask ask, char const* scope) {
    ask.fields.add("X-AdaOS-Scope", scope);
    return ask;
}

}  // namespace

TEST_CASE("a request through Root reaches the hub, and a member by id and by name", "[relay]") {
    RelayWorld w;

    auto const hub = w.mesh.visit({.path = w.at_hub("/api/ping")}).value();
    auto const by_id = w.mesh.visit({.path = w.at_node("/api/ping")}).value();
    auto const by_name = w.mesh.visit({.path = w.at_hub("/nodes/beta/api/ping?x=1")}).value();
    auto const page = w.mesh.visit({.path = w.at_hub("/nodes/beta")}).value();

    CHECK(hub.head.status == 200);
    CHECK(json_at(hub.body, "node_id") == w.hub.id);
    CHECK(by_id.head.status == 200);
    CHECK(json_at(by_id.body, "node_id") == w.node.id);
    CHECK(json_at(by_name.body, "node_id") == w.node.id);
    CHECK(page.body.find("beta is here") != std::string::npos);
}

TEST_CASE("what a caller may do at a member follows from its token", "[relay]") {
    RelayWorld w;
    auto const view = w.mesh.make_token(w.hub, "view");
    auto const operate = w.mesh.make_token(w.hub, "operate");
    auto const read = w.at_node("/api/node/status");
    auto const write = w.at_node("/api/probe/upload");

    CHECK(w.status({"GET", read, ""}) == 401);
    CHECK(w.status({"GET", read, "adaos_at_invented"}) == 401);
    CHECK(w.status({"GET", read, view}) == 200);
    CHECK(w.status({"POST", write, "", "x"}) == 401);
    CHECK(w.status({"POST", write, view, "x"}) == 403);
    CHECK(w.status({"POST", write, operate, "x"}) == 200);
}

TEST_CASE("what a caller may do at the hub follows from its token", "[relay]") {
    RelayWorld w;
    auto const view = w.mesh.make_token(w.hub, "view");
    auto const operate = w.mesh.make_token(w.hub, "operate");
    auto const admin = w.mesh.make_token(w.hub, "admin");

    CHECK(w.status({"GET", w.at_hub("/api/node/members"), ""}) == 401);
    CHECK(w.status({"GET", w.at_hub("/api/node/members"), view}) == 200);
    CHECK(w.status({"POST", w.at_hub("/api/node/join-code"), operate, "{}"}) == 403);
    CHECK(w.status({"POST", w.at_hub("/api/node/join-code"), admin, "{}"}) == 201);
    CHECK(w.status({"POST", w.at_hub("/api/node/reload"), admin, "{}"}) == 403);
}

TEST_CASE("a token that is over counts no more", "[relay]") {
    RelayWorld w;
    auto const view = w.mesh.make_token(w.hub, "view", "1m");

    w.mesh.pass(59s);
    CHECK(w.status({"GET", w.at_node("/api/node/status"), view}) == 200);
    w.mesh.pass(1s);
    CHECK(w.status({"GET", w.at_node("/api/node/status"), view}) == 401);
}

TEST_CASE("the local control tokens count for nothing through the relay", "[relay]") {
    RelayWorld w;
    auto const of_hub = w.mesh.control_token(w.hub);
    auto const of_node = w.mesh.control_token(w.node);

    for (auto const& token : {of_hub, of_node}) {
        CHECK(w.status({"GET", w.at_hub("/api/node/members"), token}) == 401);
        CHECK(w.status({"GET", w.at_node("/api/node/status"), token}) == 401);
        Ask own{"GET", w.at_node("/api/node/status"), ""};
        own.fields.add("X-AdaOS-Token", token);
        CHECK(w.status(own) == 401);
    }
}

TEST_CASE("a scope that the caller claims has no effect", "[relay]") {
    RelayWorld w;
    auto const view = w.mesh.make_token(w.hub, "view");
    auto const read = w.at_node("/api/node/status");
    auto const write = w.at_node("/api/probe/upload");

    CHECK(w.status(with_scope({"GET", read, ""}, "admin")) == 401);
    CHECK(w.status(with_scope({"POST", write, view, "x"}, "admin")) == 403);
    CHECK(w.status(with_scope({"GET", w.at_hub("/api/node/members"), ""}, "admin")) == 401);
    // Nor at the machines' own ports, from their own network.
    for (auto const* node : {&w.hub, &w.node}) {
        net::Fetch request;
        request.url = net::parse_url(node->url() + "/api/node/status").value();
        request.fields.add("X-AdaOS-Scope", "admin");
        auto const reply =
            w.mesh.run(net::fetch(w.mesh.inside, w.mesh.timers, std::move(request))).value();
        CHECK(reply.head.status == 401);
    }
}

TEST_CASE("a control token counts on loopback alone, and for what its owner sends", "[relay]") {
    RelayWorld w;
    Ask forwarded{.path = "/api/node/status"};
    forwarded.fields.add("X-Forwarded-For", "198.51.100.1");
    net::Fetch remote;
    remote.url = net::parse_url(w.hub.url() + "/api/node/status").value();
    remote.fields.add("X-AdaOS-Token", w.mesh.control_token(w.hub));

    CHECK(w.mesh.local(w.hub, {.path = "/api/node/status"}).value().head.status == 200);
    CHECK(w.mesh.local(w.hub, forwarded).value().head.status == 401);
    auto const reply =
        w.mesh.run(net::fetch(w.mesh.caller, w.mesh.timers, std::move(remote))).value();
    CHECK(reply.head.status == 401);
}

TEST_CASE("an unknown subnet, an unknown node and a crooked path are told at once", "[relay]") {
    RelayWorld w;
    auto const [path, status, code,
                proxy] = GENERATE_REF(table<std::string, unsigned, std::string, std::string>({
        {"/hubs/sn_ffffffff/api/ping", 404, "ADAOS-R001",
         "adaos-root; error=destination_not_found"},
        {"/hubs/nonsense/api/ping", 404, "ADAOS-R001", "adaos-root; error=destination_not_found"},
        {w.at_hub("/nodes/nobody/api/ping"), 404, "ADAOS-R003",
         "adaos-hub; error=destination_not_found"},
        {w.at_hub("/nodes/99999999-2222-4333-8444-555555555555/"), 404, "ADAOS-R003",
         "adaos-hub; error=destination_not_found"},
        {w.at_hub("/%2e%2e/api/ping"), 400, "ADAOS-B001", "adaos-root; error=http_request_error"},
    }));
    CAPTURE(path);

    auto const reply = w.mesh.run_at_once(w.mesh.visiting({.path = path})).value();

    CHECK(reply.head.status == status);
    CHECK(header(reply.head, "Content-Type") == "application/problem+json");
    CHECK(json_at(reply.body, "code") == code);
    CHECK(header(reply.head, "Proxy-Status").substr(0, proxy.size()) == proxy);
}

TEST_CASE("an offline hub is a 503 at once, without any timer", "[relay]") {
    RelayWorld w;
    w.mesh.stop(w.hub);

    auto const reply = w.mesh.run_at_once(w.mesh.visiting({.path = w.at_hub("/api/ping")})).value();

    CHECK(reply.head.status == 503);
    CHECK(header(reply.head, "Retry-After") == "2");
    CHECK(json_at(reply.body, "code") == "ADAOS-R002");
    CHECK(header(reply.head, "Proxy-Status").substr(0, 47) ==
          "adaos-root; error=destination_unavailable; deta");
}

TEST_CASE("an offline member is a 503 at once, without any timer", "[relay]") {
    RelayWorld w;
    w.mesh.stop(w.node);

    auto const reply =
        w.mesh.run_at_once(w.mesh.visiting({.path = w.at_hub("/nodes/beta/api/ping")})).value();

    CHECK(reply.head.status == 503);
    CHECK(header(reply.head, "Retry-After") == "2");
    CHECK(json_at(reply.body, "code") == "ADAOS-R004");
    CHECK(header(reply.head, "Proxy-Status").substr(0, 9) == "adaos-hub");
}

TEST_CASE("two subnets at one Root do not see each other", "[relay]") {
    RelayWorld w;
    auto& other = w.mesh.add_hub("omega.test");
    auto const theirs = w.mesh.make_token(other, "admin");

    CHECK(w.status({"GET", w.at_hub("/api/node/members"), theirs}) == 401);
    CHECK(w.status({"GET", "/hubs/" + other.subnet_id + "/nodes/" + w.node.id + "/api/ping", ""}) ==
          404);
    CHECK(w.status({"GET", "/hubs/" + other.subnet_id + "/api/node/members", theirs}) == 200);
}

TEST_CASE("a join door is not reached through the relay", "[relay]") {
    RelayWorld w;
    auto const path = w.at_hub("/api/node/join");

    auto const reply = w.mesh.visit({"POST", path, "", "{}"}).value();

    CHECK(reply.head.status == 403);
    CHECK(json_at(reply.body, "code") == "ADAOS-J007");
}

TEST_CASE("HEAD is relayed with its length and without a body", "[relay]") {
    RelayWorld w;
    auto const path = w.at_node("/api/probe/download?bytes=1000");

    auto const reply = w.mesh.visit({"HEAD", path, w.mesh.make_token(w.hub, "view")}).value();

    CHECK(reply.head.status == 200);
    CHECK(header(reply.head, "Content-Length") == "1000");
    CHECK(reply.body.empty());
}

}  // namespace adaos::relay_test
