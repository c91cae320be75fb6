/// An authority that is killed between its signature and its commit: what is in its store then is a
/// whole redemption or none. ADAOS_ROUNDS: a number, or "full" for 200 random points.

#include "enrol/world.hpp"
#include "registry/inventory.hpp"
#include "store/child.hpp"
#include "support/temp_dir.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

namespace adaos::kill_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;
using adaos::test::Child;

namespace {

constexpr std::array kinds{Kind::member, Kind::node, Kind::host, Kind::bootstrap};

int rounds() {
    auto const* const text = std::getenv("ADAOS_ROUNDS");
    if (text == nullptr || *text == '\0') return 24;
    if (std::string(text) == "full") return 200;
    return std::max(1, std::atoi(text));
}

/// Where the authority dies: by its own hand at a place in the code, or from outside at a time.
enum class Death { at_signature, before_commit, from_outside, none };

/// A store on a disk, with a grant in it that one machine has a use for.
class Deathbed {
public:
    explicit Deathbed(Kind kind) : kind_(kind) {
        World world(path());
        MintOrder mint;
        mint.kind = kind;
        mint.subnet_id = subnet_a;
        mint.max_uses = 1;
        if (kind == Kind::bootstrap) mint.node_id = invite(world);
        auto const minted = world.grants.mint(mint);
        REQUIRE(minted.has_value());
        id_ = minted->id;
        order_ = order_of(minted->secret, machine_);
    }

    /// One redemption in a process of its own. How long it took from the signature on.
    std::chrono::microseconds redeem(Death death, std::chrono::microseconds after = {}) {
        std::array<int, 2> tell{};
        REQUIRE(::pipe(tell.data()) == 0);
        Child child([&] { return authority(death, tell[1]); });
        ::close(tell[1]);
        char said = 0;
        bool const signed_it = ::read(tell[0], &said, 1) == 1 && said == 's';
        auto const began = std::chrono::steady_clock::now();
        if (death == Death::from_outside) {
            while (std::chrono::steady_clock::now() - began < after) std::this_thread::yield();
            child.kill();
        }
        answered_ = ::read(tell[0], &said, 1) == 1 && said == 'a';
        auto const took = std::chrono::steady_clock::now() - began;
        ::close(tell[0]);
        auto const end = child.wait();
        CHECK(signed_it);
        CHECK((end == 0 || end == -SIGKILL));
        return std::chrono::duration_cast<std::chrono::microseconds>(took);
    }
    [[nodiscard]] bool answered() const { return answered_; }

    /// Node key, credential, use, redemption and audit row are there together, or none is. Whether.
    bool check_whole() {
        World world(path());
        auto const of_grant = " WHERE grant_id = '" + id_ + "'";
        auto const uses = world.number("SELECT uses FROM grants WHERE id = '" + id_ + "'");
        CHECK((uses == 0 || uses == 1));
        CHECK(world.number("SELECT count(*) FROM redemptions" + of_grant) == uses);
        CHECK(world.number("SELECT count(*) FROM redemptions" + of_grant +
                           " AND certificate_pem LIKE 'certificate%'") == uses);
        CHECK(world.number("SELECT count(*) FROM nodes WHERE spki_sha256 = '" + machine_.spki() +
                           "'") == uses);
        CHECK(world.number("SELECT count(*) FROM audit" + of_grant + " AND event = 'redeemed'") ==
              uses);
        CHECK(world.number("SELECT count(*) FROM pragma_integrity_check() "
                           "WHERE integrity_check = 'ok'") == 1);
        CHECK(verify_audit(world.db).has_value());
        return uses == 1;
    }
    /// The machine comes again, as it must when it had no answer; then somebody else.
    void check_goes_on(bool was_used) {
        World world(path());
        auto const again = world.redeem(order_);
        REQUIRE(again.has_value());
        CHECK(again->replayed == was_used);
        CHECK(world.signed_count == (was_used ? 0 : 1));
        auto const late = world.redeem(order_of(order_.secret, Machine(random_)));
        REQUIRE(late.has_error());
        CHECK(late.error().code ==
              (kind_ == Kind::member ? Problem::code_used : Problem::grant_spent));
    }

private:
    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "state.db"; }
    std::string invite(World& world) {
        registry::InventoryItem item;
        item.node_id = random_.uuid();
        item.subnet_id = subnet_a;
        item.host = "rack-7.example.org";
        item.created_at = world.clock.wall();
        item.created_by = "test";
        REQUIRE(registry::NodeInventory(world.db).add(item).has_value());
        return item.node_id;
    }
    RedeemOrder order_of(Secret const& secret, Machine const& machine) {
        auto order = World::order(secret, machine, random_.hex(16));
        order.kind = kind_;
        if (kind_ != Kind::member) order.node_id.clear();
        if (kind_ == Kind::node) order.node_name = "n-" + machine.node_id;
        return order;
    }
    int authority(Death death, int tell) {
        World world(path());
        Sign const sign = [&](pki::Key const&, registry::Node const& node) -> Result<std::string> {
            if (::write(tell, "s", 1) != 1) return Error(Problem::internal, "nobody listens");
            if (death == Death::at_signature) ::kill(::getpid(), SIGKILL);
            return "certificate of " + node.node_id;
        };
        auto order = order_;
        order.along = [&](store::Database&, Redeemed const&) {
            if (death == Death::before_commit) ::kill(::getpid(), SIGKILL);
            return Result<void>();
        };
        if (world.grants.redeem(order, sign).has_error()) return 1;
        return ::write(tell, "a", 1) == 1 ? 0 : 2;
    }

    SystemRandom random_;
    adaos::test::TempDir folder_;
    Kind kind_;
    Machine machine_{random_};
    RedeemOrder order_;
    std::string id_;
    bool answered_ = false;
};

}  // namespace

TEST_CASE("an authority killed with its signature made and nothing committed has let nobody in",
          "[enrol][kill]") {
    auto const kind = GENERATE(Kind::member, Kind::node, Kind::host, Kind::bootstrap);
    auto const death = GENERATE(Death::at_signature, Death::before_commit);
    CAPTURE(policy_of(kind).word, static_cast<int>(death));
    Deathbed bed(kind);
    bed.redeem(death);
    CHECK_FALSE(bed.answered());
    CHECK_FALSE(bed.check_whole());
    bed.check_goes_on(false);
}

TEST_CASE("an authority killed at a random point after its signature leaves a whole use or none",
          "[enrol][kill]") {
    auto const count = rounds();
    auto const seed = std::random_device{}();
    std::mt19937 dice(seed);
    std::chrono::microseconds usual{};
    for (auto const kind : kinds) {
        Deathbed bed(kind);
        usual = std::max(usual, bed.redeem(Death::none));
        CHECK(bed.answered());
        CHECK(bed.check_whole());
        bed.check_goes_on(true);
    }
    std::uniform_int_distribution<std::int64_t> when(0, usual.count() * 5 / 4);
    int used = 0;
    int answered = 0;
    for (int round = 0; round < count; ++round) {
        auto const kind = kinds[static_cast<std::size_t>(round) % kinds.size()];
        std::chrono::microseconds const after(when(dice));
        CAPTURE(seed, round, policy_of(kind).word, after.count(), usual.count());
        Deathbed bed(kind);
        bed.redeem(Death::from_outside, after);
        auto const is_used = bed.check_whole();
        CHECK((is_used || !bed.answered()));  // who has a certificate has spent the use
        bed.check_goes_on(is_used);
        used += is_used ? 1 : 0;
        answered += bed.answered() ? 1 : 0;
    }
    WARN(count << " points: " << used << " committed, " << answered << " answered");
}

}  // namespace adaos::kill_test
