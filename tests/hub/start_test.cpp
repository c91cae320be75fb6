// What happens to a node's folder while the node starts.
#include "node/node_app.hpp"

#include "support/mesh.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <functional>

namespace adaos::start_test {

using namespace std::chrono_literals;

namespace {

/// Does something the first time that it is asked: the node's first need of chance comes after it
/// read node.yaml.
class InterruptedRandom final : public Random {
public:
    explicit InterruptedRandom(std::function<void()> event) : event_(std::move(event)) {}
    void fill(std::span<std::byte> out) override {
        if (event_) std::exchange(event_, nullptr)();
        random_.fill(out);
    }

private:
    std::function<void()> event_;
    test::SeededRandom random_;
};

}  // namespace

TEST_CASE("a registration that is written while the hub starts is taken up", "[hub]") {
    test::Mesh mesh;
    auto& node = mesh.make_node("hub.test");
    auto known = identity::load_config(node.dir, mesh.random).value().config;
    auto const before = known.subnet_id;
    InterruptedRandom random([&] {
        known.subnet_id = "sn_0badcafe";
        identity::save_config(node.dir, known).value();
    });
    node::NodeApp::Options options;
    options.dir = node.dir;
    options.host = node.name();
    auto env = mesh.env(node.host, node.log);
    node.app = node::NodeApp::open({env.loop, env.network, env.timers, env.clock, random, env.log},
                                   std::move(options))
                   .value();
    REQUIRE(node.app->config().subnet_id == before);
    node.running.emplace(mesh.loop.start(node.app->run()));

    CHECK(mesh.until([&] { return node.app->config().subnet_id == "sn_0badcafe"; }, 3s));
}

}  // namespace adaos::start_test
