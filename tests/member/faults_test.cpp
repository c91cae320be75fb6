// Whatever happens to a mesh, in any order: when it is over, everything works again.
#include "support/mesh.hpp"
#include "support/mesh_store.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <memory>

namespace adaos::faults_test {

using namespace adaos::test;

namespace {

/// Bounded by 15 s until a silence is noticed, 4 s of the longest pause, and 5 s of an attempt
/// that hangs; twice, as a member's way leads over the hub's link.
constexpr auto calm = 50s;

class Faults {
public:
    explicit Faults(std::uint64_t seed) : dice_(seed), mesh_(seed) {
        hub_ = &mesh_.add_hub("alpha.test");
        members_.push_back(&mesh_.add_member("beta.test", *hub_));
        members_.push_back(&mesh_.add_member("gamma.test", *hub_));
    }

    void one() {
        auto const host = some_host();
        switch (dice_.below(9)) {
            case 0: note("cut " + host), mesh_.network.cut(host); break;
            case 1: note("silence " + host), mesh_.network.silence(host); break;
            case 2: note("unplug " + host), mesh_.network.unplug(host); break;
            case 3: note("plug " + host), mesh_.network.plug(host); break;
            case 4:
                note("refuse " + host);
                mesh_.network.set_reach(host, MeshNetwork::Reach::refusing);
                break;
            case 5: toggle_root(); break;
            case 6: toggle(*hub_); break;
            case 7: toggle(*members_[dice_.below(members_.size())]); break;
            default: be_slow(); break;
        }
        auto const pause = std::chrono::milliseconds(dice_.below(20'000));
        note("wait " + std::to_string(pause.count()));
        mesh_.pass(pause);
    }

    void end() {
        mesh_.network.heal();
        if (!mesh_.root_runs()) mesh_.start_root();
        if (!hub_->runs()) mesh_.start(*hub_);
        for (auto* const member : members_)
            if (!member->runs()) mesh_.start(*member);
        mesh_.pass(calm);
    }

    [[nodiscard]] bool works(MeshNode& member) {
        auto const path = "/hubs/" + hub_->subnet_id + "/nodes/" + member.id + "/api/ping";
        auto const reply = mesh_.visit({.path = path});
        return reply && reply->head.status == 200 && json_at(reply->body, "node_id") == member.id;
    }
    [[nodiscard]] Mesh& mesh() { return mesh_; }
    [[nodiscard]] MeshNode& hub() { return *hub_; }
    [[nodiscard]] std::vector<MeshNode*> const& members() const { return members_; }
    [[nodiscard]] std::string const& story() const { return story_; }

private:
    std::string some_host() {
        static char const* const hosts[] = {Mesh::root_host, "alpha.test", "beta.test",
                                            "gamma.test"};
        return hosts[dice_.below(4)];
    }
    void note(std::string const& what) { story_ += what + "; "; }
    void toggle_root() {
        note(mesh_.root_runs() ? "stop Root" : "start Root");
        if (mesh_.root_runs())
            mesh_.stop_root();
        else
            mesh_.start_root();
    }
    void toggle(MeshNode& node) {
        note((node.runs() ? "stop " : "start ") + node.name());
        if (node.runs())
            mesh_.stop(node);
        else
            mesh_.start(node);
    }
    void be_slow() {
        auto const time = std::chrono::milliseconds(dice_.below(12'000));
        note("slow store " + std::to_string(time.count()));
        SlowStore const slow;
        mesh_.pass(time);
    }

    SeededRandom dice_;
    Mesh mesh_;
    MeshNode* hub_ = nullptr;
    std::vector<MeshNode*> members_;
    std::string story_;
};

constexpr std::uint64_t full_rounds = 40;

std::uint64_t number_from(char const* variable, std::uint64_t otherwise) {
    char const* const text = std::getenv(variable);
    if (text == nullptr) return otherwise;
    auto const number = std::strtoull(text, nullptr, 10);
    return number > 0 ? number : full_rounds;  // "full"
}

}  // namespace

// ADAOS_ROUNDS=1000 for more; ADAOS_SEED=n ADAOS_ROUNDS=1 for one again.
TEST_CASE("after any row of faults every member is linked again and answers through Root",
          "[member][faults][slow]") {
    auto const rounds = number_from("ADAOS_ROUNDS", 20);
    auto const first = number_from("ADAOS_SEED", 1);
    for (auto seed = first; seed < first + rounds; ++seed) {
        Faults world(seed);
        for (int i = 0; i < 8; ++i) world.one();

        world.end();

        INFO("seed " << seed << ": " << world.story());
        CHECK(world.mesh().is_linked(world.hub()));
        for (auto* const member : world.members()) {
            CHECK(world.mesh().is_linked(*member));
            CHECK(world.mesh().member(world.hub(), member->id, "state") == "connected");
            CHECK(world.works(*member));
        }
    }
}

}  // namespace adaos::faults_test
