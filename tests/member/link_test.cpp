// A member's link to its hub, which leads through Root: what its status says, and what the hub
// lists.
#include "support/mesh.hpp"
#include "support/mesh_store.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace adaos::link_test {

using namespace adaos::test;

namespace {

struct MemberWorld {
    MemberWorld() : hub(mesh.add_hub("alpha.test")), node(mesh.add_member("beta.test", hub)) {
        mesh.pass(1min);
    }
    [[nodiscard]] std::string state() { return mesh.member(hub, node.id, "state"); }
    [[nodiscard]] unsigned ping() {
        auto const path = "/hubs/" + hub.subnet_id + "/nodes/" + node.id + "/api/ping";
        return mesh.visit({.path = path}).value().head.status;
    }
    MeshNode& copy_of_node(std::string host) {
        auto& copy = mesh.make_node(std::move(host));
        std::filesystem::copy(node.dir.root, copy.dir.root,
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::overwrite_existing);
        return copy;
    }

    Mesh mesh;
    MeshNode& hub;
    MeshNode& node;
};

}  // namespace

TEST_CASE("a member that went silent is noticed by both ends, and comes back", "[member][link]") {
    MemberWorld w;
    REQUIRE(w.state() == "connected");

    w.mesh.network.unplug("beta.test");
    w.mesh.pass(16s);

    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "ready") == "false");
    CHECK(w.mesh.status(w.node, "connected_to_subnet") == "false");
    CHECK(w.mesh.status(w.node, "route_mode") == "none");
    CHECK(w.mesh.status(w.node, "cause").substr(0, 31) == "no link to the hub: ADAOS-R005 ");
    CHECK(w.state() == "offline");
    CHECK(w.ping() == 503);
    CHECK(w.mesh.is_linked(w.hub));

    w.mesh.network.plug("beta.test");
    CHECK(w.mesh.linked(w.node, 30s));
    CHECK(w.mesh.status(w.node, "cause") == "null");
    CHECK(w.state() == "connected");
    CHECK(w.ping() == 200);
}

TEST_CASE("when the hub loses Root its members lose the hub, and all come back", "[member][link]") {
    MemberWorld w;

    w.mesh.network.unplug(Mesh::root_host);
    w.mesh.pass(16s);
    CHECK_FALSE(w.mesh.is_linked(w.hub));
    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.state() == "offline");

    w.mesh.network.plug(Mesh::root_host);
    CHECK(w.mesh.linked(w.node, 60s));
    CHECK(w.ping() == 200);
}

TEST_CASE("a member of an offline hub says what Root says", "[member][link]") {
    MemberWorld w;

    w.mesh.stop(w.hub);
    w.mesh.pass(20s);

    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "cause").find("503") != std::string::npos);
    w.mesh.start(w.hub);
    CHECK(w.mesh.linked(w.node, 30s));
    CHECK(w.ping() == 200);
}

TEST_CASE("a new session of a member replaces the old one at once", "[member][link]") {
    MemberWorld w;
    auto& reborn = w.copy_of_node("reborn.test");
    w.mesh.network.unplug("beta.test");  // the power went; the hub has heard nothing
    auto const before = w.mesh.member(w.hub, w.node.id, "since");

    w.mesh.start(reborn);

    CHECK(w.mesh.is_linked(reborn));
    CHECK(w.state() == "connected");
    CHECK(w.mesh.member(w.hub, w.node.id, "since") != before);
    CHECK(w.ping() == 200);
    w.mesh.pass(1min);  // the end of the old one takes nothing away from the new
    CHECK(w.mesh.is_linked(reborn));
    CHECK(w.state() == "connected");
    CHECK(w.ping() == 200);
}

TEST_CASE("two machines with one member's identity are told of each other", "[member][link]") {
    MemberWorld w;
    auto& copy = w.copy_of_node("copy.test");

    w.mesh.start(copy);

    CHECK(w.mesh.is_linked(copy));
    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "link.last_error_id") == "ADAOS-T004");
}

TEST_CASE("a member that was removed is refused, and its status says why", "[member][link]") {
    MemberWorld w;
    w.mesh.stop(w.node);
    w.mesh.remove_from(w.hub, w.node.id);

    w.mesh.start(w.node);
    w.mesh.pass(1min);

    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "cause").find("node_revoked: this node was removed") !=
          std::string::npos);
    CHECK(w.mesh.member(w.hub, w.node.id, "state") == "");
    CHECK(w.ping() == 404);
}

TEST_CASE("a member that was removed is not let in again by what Root still knows",
          "[member][link]") {
    MemberWorld w;
    w.mesh.stop(w.node);
    w.mesh.stop_root();
    w.mesh.remove_from(w.hub, w.node.id);

    w.mesh.start_root();  // when the link comes up the hub asks Root for all nodes
    REQUIRE(w.mesh.linked(w.hub));
    w.mesh.start(w.node);
    w.mesh.pass(1min);

    CHECK_FALSE(w.mesh.is_linked(w.node));
}

TEST_CASE("a member that stops says so, and the hub knows at once", "[member][link]") {
    MemberWorld w;

    w.mesh.stop(w.node);

    CHECK(w.state() == "offline");
    CHECK(w.hub.log.has("info member lost"));
    CHECK(w.hub.log.has("cause=draining"));
}

TEST_CASE("a hub that stops says so, and its members are back soon after it is", "[member][link]") {
    MemberWorld w;

    w.mesh.stop(w.hub);
    w.mesh.settle();
    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.node.log.has("draining: the hub is stopping"));

    w.mesh.start(w.hub);
    CHECK(w.mesh.linked(w.node, 30s));
}

TEST_CASE("a hub does not take a member of another subnet", "[member][link]") {
    MemberWorld w;
    auto& other = w.mesh.add_hub("omega.test");
    w.mesh.stop(w.node);
    auto config = identity::peek_config(w.node.dir).value().value();
    auto const right = config.hub_url;
    config.hub_url = std::string(Mesh::root_url) + "/hubs/" + other.subnet_id;
    identity::save_config(w.node.dir, config).value();

    w.mesh.start(w.node);
    w.mesh.pass(1min);
    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "link.last_error_id") == "ADAOS-T002");
    CHECK(w.mesh.member(other, w.node.id, "state") == "");

    config.hub_url = right;
    identity::save_config(w.node.dir, config).value();
    CHECK(w.mesh.linked(w.node, 5s));
}

TEST_CASE("a member whose first hello meets a slow hub is listed once", "[member][link]") {
    MemberWorld w;
    auto& late = w.mesh.make_node("gamma.test");
    REQUIRE(w.mesh.join(late, w.mesh.make_code(w.hub)).has_value());
    {
        SlowStore const slow;
        w.mesh.start(late);
        w.mesh.pass(12s);
    }

    CHECK(w.mesh.linked(late, 30s));
    CHECK(w.mesh.member(w.hub, late.id, "state") == "connected");
    CHECK(w.mesh.member(w.hub, late.id, "name") == "gamma");
    CHECK(w.mesh.replay_join(late).head.status == 409);
}

}  // namespace adaos::link_test
