// What breaks half-way: joins, handshakes and stops, at every point they have.
#include "base/problem.hpp"
#include "support/mesh.hpp"
#include "support/mesh_store.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <catch2/catch.hpp>

namespace adaos::breaks_test {

using namespace adaos::test;

namespace {

/// Breaks `host` after `turns` turns of the loop.
net::Task<void> cut_after(Mesh& mesh, std::string host, int turns) {
    auto const loop = mesh.loop.executor();
    for (int i = 0; i < turns; ++i) {
        co_await boost::asio::post(loop, boost::asio::use_awaitable);
    }
    mesh.network.cut(host);
}

}  // namespace

TEST_CASE("a join that breaks at any point is repeated, and uses its code once", "[hub][join]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    for (int turns = 0; turns < 60; ++turns) {
        CAPTURE(turns);
        auto const code = mesh.make_code(hub);
        auto& node = mesh.make_node("n" + std::to_string(turns) + ".test");

        auto cutting = mesh.loop.start(cut_after(mesh, node.name(), turns));
        auto const joined = mesh.join(node, code);

        REQUIRE(joined.has_value());
        mesh.finish(cutting);
        CHECK(mesh.member(hub, node.id, "issued_by") == "root");
        auto& late = mesh.make_node("late" + std::to_string(turns) + ".test");
        auto const second = mesh.join(late, code);
        REQUIRE(second.has_error());
        CHECK(second.error().code == Problem::code_used);
    }
    CHECK(mesh.root_log.has("join answer sent again"));  // some broke with the answer on its way
}

TEST_CASE("a link that breaks at any point of its making is made anew", "[hub][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.add_member("beta.test", hub);
    auto const host = GENERATE("beta.test", "alpha.test", "root.test");
    for (int turns = 0; turns < 240; turns += 12) {
        CAPTURE(host, turns);
        mesh.stop(node);
        auto cutting = mesh.loop.start(cut_after(mesh, host, turns));
        mesh.start(node);

        CHECK(mesh.linked(node, 40s));
        mesh.finish(cutting);
        CHECK(mesh.linked(hub, 20s));
        CHECK(mesh.linked(node, 20s));
        CHECK(mesh.member(hub, node.id, "state") == "connected");
    }
}

TEST_CASE("a machine that is stopped at any point of its start stops", "[hub]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.add_member("beta.test", hub);
    for (int turns = 0; turns < 200; turns += 10) {
        for (auto* const one : {&node, &hub}) {
            CAPTURE(turns, one->name());
            mesh.stop(*one);
            mesh.begin_start(*one);
            mesh.turn(turns);

            auto const began = mesh.timers.now();
            mesh.stop(*one);

            CHECK(mesh.timers.now() - began <= 7s);
            mesh.start(*one);
        }
    }
    CHECK(mesh.linked(node));
}

TEST_CASE("a hub stops although Root does not answer", "[hub]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.add_member("beta.test", hub);
    auto const how = GENERATE("silent", "gone for long", "refusing");
    CAPTURE(how);
    if (std::string_view(how) == "refusing") {
        mesh.network.set_reach(Mesh::root_host, MeshNetwork::Reach::refusing);
        mesh.network.cut(Mesh::root_host);
    } else {
        mesh.network.unplug(Mesh::root_host);
    }
    if (std::string_view(how) != "silent") mesh.pass(1min);
    auto const began = mesh.timers.now();

    mesh.stop(hub);
    mesh.stop(node);

    CHECK(mesh.timers.now() - began <= 15s);
}

TEST_CASE("a machine stops while its store is slow, once the store is done", "[hub]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto& node = mesh.make_node("beta.test");
    REQUIRE(mesh.join(node, mesh.make_code(hub)).has_value());
    mesh.start(node);
    {
        SlowStore const slow;
        auto asking = mesh.loop.start(mesh.visiting(
            {.path = "/hubs/" + hub.subnet_id + "/nodes/beta/api/ping", .token = "x"}));
        mesh.network.cut("beta.test");
        mesh.pass(3s);
        mesh.begin_stop(hub);
        mesh.pass(20s);
        CHECK(asking.done());
    }
    mesh.end_stop(hub);

    mesh.start(hub);
    CHECK(mesh.linked(node));
}

TEST_CASE("a hub that stops says so in its status", "[hub]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    CHECK(mesh.status(hub, "ready") == "true");
    net::HttpClient client(mesh.run(mesh.inside.connect(hub.at(), 1s)).value());
    net::RequestHead head{"GET", "/api/node/status", {}};
    head.fields.add("Host", "alpha.test");
    head.fields.add("X-AdaOS-Token", mesh.control_token(hub));
    mesh.run(client.send(head, "")).value();
    mesh.run(client.read_head()).value();
    mesh.run(net::read_body(client.body(), 4096)).value();

    mesh.begin_stop(hub);
    mesh.settle();
    mesh.run_at_once(client.send(head, "")).value();
    REQUIRE(mesh.run_at_once(client.read_head()).value().status == 200);
    auto const body = mesh.run_at_once(net::read_body(client.body(), 4096)).value();

    CHECK(json_at(body, "ready") == "false");
    CHECK(json_at(body, "cause") == "the node is stopping");
    mesh.end_stop(hub);
}

}  // namespace adaos::breaks_test
