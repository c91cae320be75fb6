// docs/reference/openapi.yaml, as a server gives it, against the routes that the servers have.
#include "api/openapi.hpp"
#include "node/agent_app.hpp"
#include "node/node_app.hpp"
#include "root/root_app.hpp"
#include "support/mesh.hpp"
#include "support/openapi.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

namespace adaos::openapi_test {

using namespace adaos::test;

namespace {

using Routes = std::vector<api::Router::Route>;
using Names = std::set<std::string>;

Names names_of(Routes const& routes) {
    Names out;
    for (auto const& route : routes) out.insert(route.method + " " + route.pattern);
    return out;
}

/// A tree is one route of every method.
Names described(OpenApi const& api, std::string_view server) {
    Names out;
    for (auto const& one : api.operations())
        if (one.is_of(server)) out.insert((one.is_tree ? "*" : one.method) + " " + one.path);
    return out;
}

/// What is in `these` and not in `those`, a line each.
std::string missing(Names const& these, Names const& those) {
    std::string out;
    for (auto const& name : these)
        if (!those.contains(name)) out += "\n  " + name;
    return out;
}

void check_same(OpenApi const& api, std::string const& server, Routes const& routes) {
    auto const in_code = names_of(routes);
    auto const in_file = described(api, server);
    INFO("server: " << server);
    CHECK("routes that openapi.yaml lacks:" + missing(in_code, in_file) ==
          "routes that openapi.yaml lacks:");
    CHECK("operations without a route:" + missing(in_file, in_code) ==
          "operations without a route:");
    CHECK(in_code.size() == routes.size());
}

/// `{…}` of a pattern.
Names holes(std::string const& pattern) {
    Names out;
    for (auto at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1))
        out.insert(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
    return out;
}

}  // namespace

TEST_CASE("every route of every server is in the OpenAPI file, and the other way round",
          "[hub][openapi]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& member = mesh.add_member("beta.test", hub);
    MeshHost machine(mesh.network, "builder.test");
    LogLines log;
    node::AgentApp agent(mesh.env(machine, log), "nowhere.yaml", [](auto const&, auto const&) {});

    OpenApi const api(mesh.visit({.path = api::openapi_path}).value().body);

    check_same(api, "root", mesh.root().routes());
    check_same(api, "hub", hub.app->routes());
    check_same(api, "member", member.app->routes());
    check_same(api, "agent", agent.routes());
}

TEST_CASE("Root, hub and member give the OpenAPI file to everybody, byte for byte",
          "[hub][openapi]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& member = mesh.add_member("beta.test", hub);
    auto const text = api::openapi_text();
    CHECK(text.starts_with("openapi: 3.1.0\n"));
    CHECK(text.ends_with("\n"));

    auto const at_root = mesh.visit({.path = api::openapi_path}).value();
    auto const at_hub = mesh.local(hub, {.path = api::openapi_path}).value();
    auto const at_member = mesh.local(member, {.path = api::openapi_path}).value();
    auto const through = mesh.visit({.path = "/hubs/" + hub.subnet_id + api::openapi_path}).value();

    for (auto const* const reply : {&at_root, &at_hub, &at_member, &through}) {
        CHECK(reply->head.status == 200);
        CHECK(header(reply->head, "content-type") == "application/yaml");
        CHECK(reply->body == text);
    }
}

TEST_CASE("the OpenAPI file is of this version and leads nowhere that is not", "[hub][openapi]") {
    OpenApi const api(api::openapi_text());
    CHECK(string_or_empty(api.whole().at("info"), "version") == ADAOS_VERSION);
    CHECK(api.dangling().empty());
}

TEST_CASE("every operation of the OpenAPI file has an id of its own, servers, a tag that is told",
          "[hub][openapi]") {
    OpenApi const api(api::openapi_text());
    Names tags;
    for (auto const& tag : api.whole().at("tags")) tags.insert(string_or_empty(tag, "name"));
    Names ids;
    for (auto const& one : api.operations()) {
        INFO(one.method << " " << one.path);
        CHECK_FALSE(one.id.empty());
        CHECK(ids.insert(one.id).second);
        CHECK_FALSE(one.servers.empty());
        for (auto const& server : one.servers)
            CHECK(Names{"root", "hub", "member", "agent"}.contains(server));
        REQUIRE(one.said->contains("tags"));
        for (auto const& tag : one.said->at("tags")) CHECK(tags.contains(tag.get<std::string>()));
        CHECK_FALSE(string_or_empty(*one.said, "summary").empty());
    }
}

TEST_CASE("every operation declares what varies in its path", "[hub][openapi]") {
    OpenApi const api(api::openapi_text());
    for (auto const& one : api.operations()) {
        INFO(one.method << " " << one.path);
        Names const declared(one.path_parameters.begin(), one.path_parameters.end());
        CHECK(declared == holes(one.path));
        CHECK(declared.size() == one.path_parameters.size());
    }
}

TEST_CASE("every operation has a success, and problems that are problems", "[hub][openapi]") {
    OpenApi const api(api::openapi_text());
    for (auto const& one : api.operations()) {
        INFO(one.method << " " << one.path);
        int successes = 0;
        int problems = 0;
        for (auto const& status : one.statuses()) {
            INFO(status);
            auto const& answer = api.resolved(one.said->at("responses").at(status));
            if (status.starts_with("2") || status == "101") {
                ++successes;
                continue;
            }
            ++problems;
            auto const content = answer.find("content");
            REQUIRE(content != answer.end());
            CHECK(content->size() == 1);
            CHECK(content->contains("application/problem+json"));
        }
        CHECK(successes > 0);
        CHECK(problems > 0);
    }
}

TEST_CASE("a tree of the OpenAPI file has every method", "[hub][openapi]") {
    OpenApi const api(api::openapi_text());
    std::map<std::string, Names> methods;
    for (auto const& one : api.operations())
        if (one.is_tree) methods[one.path].insert(one.method);
    CHECK(methods.size() == 3);
    for (auto const& [path, has] : methods) {
        INFO(path);
        CHECK(has == Names{"GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH"});
    }
}

}  // namespace adaos::openapi_test
