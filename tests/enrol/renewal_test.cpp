#include "enrol/renewal.hpp"

#include "enrol/world.hpp"

#include <algorithm>

namespace adaos::renewal_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

struct RenewalWorld : World {
    RenewalWorld() {
        registry::Node node;
        node.node_id = machine.node_id;
        node.subnet_id = subnet_a;
        node.role = "member";
        node.name = "attic";
        node.spki_sha256 = machine.spki();
        node.issued_by = "root";
        node.created_at = node.updated_at = clock.wall();
        REQUIRE(registry::Nodes(db).admit(node).has_value());
    }
    [[nodiscard]] RenewOrder order(std::string csr) const {
        RenewOrder out;
        out.node_id = machine.node_id;
        out.subnet_id = subnet_a;
        out.csr_pem = std::move(csr);
        out.actor = machine.node_id;
        return out;
    }
    Result<Renewed> ask(RenewOrder const& what) { return renew(db, what, sign, clock); }
    registry::Node row() { return registry::Nodes(db).find(machine.node_id).value().value(); }
    void tell_removed(char const* subnet, WallTime at) {
        registry::NodeReport report;
        report.node_id = machine.node_id;
        report.removed_at = at;
        std::function<Result<void>()> const told = [&] {
            return note_removed(db, subnet, report, clock);
        };
        REQUIRE(db.transaction<void>(told).has_value());
    }
    void come_back() {
        auto back = row();
        back.removed_at.reset();
        back.updated_at = registry::Nodes(db).next_change(subnet_a, clock.wall()).value();
        REQUIRE(registry::Nodes(db).admit(back).has_value());
    }
    std::size_t count(std::string const& event) {
        auto const rows = read_audit(db, AuditFilter{}).value();
        return static_cast<std::size_t>(std::count_if(
            rows.begin(), rows.end(), [&](auto const& r) { return r.event == event; }));
    }
    std::string last_event() {
        AuditFilter newest;
        newest.limit = 1;
        auto const rows = read_audit(db, newest).value();
        return rows.empty() ? "" : rows.front().event;
    }

    Machine machine{random};
};

}  // namespace

TEST_CASE("a node renews with the key it has", "[enrol][renewal]") {
    RenewalWorld w;
    auto const done = w.ask(w.order(w.machine.csr_pem));
    REQUIRE(done.has_value());
    CHECK(done->certificate_pem == "certificate 1 of " + w.machine.node_id);
    CHECK_FALSE(done->new_key);
    CHECK(w.row().spki_sha256 == w.machine.spki());
    CHECK(w.last_event() == "renewed");
    CHECK(verify_audit(w.db).has_value());
}

TEST_CASE("with another key the node is bound to that one, or nothing happens",
          "[enrol][renewal]") {
    RenewalWorld w;
    Machine const other(w.random);
    bool const works = GENERATE(true, false);
    Sign const fails = [](pki::Key const&, registry::Node const&) -> Result<std::string> {
        return Error(Problem::internal, "sign");
    };

    auto const done = renew(w.db, w.order(other.csr_pem), works ? w.sign : fails, w.clock);

    CHECK(done.has_value() == works);
    CHECK(w.row().spki_sha256 == (works ? other.spki() : w.machine.spki()));
    CHECK(w.last_event() == (works ? "renewed" : ""));
}

TEST_CASE("an ended certificate is renewed for its very key alone", "[enrol][renewal]") {
    RenewalWorld w;
    Machine const other(w.random);
    auto order = w.order(other.csr_pem);
    order.key = RenewOrder::Key::must_stay;
    order.is_late = true;
    CHECK(w.ask(order).error().code == Problem::duplicate_identity);
    CHECK(w.row().spki_sha256 == w.machine.spki());

    order.csr_pem = w.machine.csr_pem;
    CHECK(w.ask(order).has_value());
    CHECK(w.last_event() == "recovered");
}

TEST_CASE("who was removed, or is of another subnet, is not renewed", "[enrol][renewal]") {
    RenewalWorld w;
    auto order = w.order(w.machine.csr_pem);
    order.subnet_id = subnet_b;
    CHECK(w.ask(order).error().code == Problem::node_unknown);

    auto const gone = remove_node(w.db, w.machine.node_id, "somebody", w.clock);
    REQUIRE(gone.has_value());
    CHECK(gone->node_id == w.machine.node_id);
    CHECK(gone->removed_at.has_value());
    CHECK(w.last_event() == "removed");

    CHECK(w.ask(w.order(w.machine.csr_pem)).error().code == Problem::node_removed);
    CHECK(w.ask(w.order("no request")).error().code == Problem::csr_refused);
    CHECK(w.signed_count == 0);
    for (auto const& id : {w.machine.node_id, w.random.uuid()})
        CHECK(remove_node(w.db, id, "somebody", w.clock).error().code == Problem::node_unknown);
}

TEST_CASE("a removal that is told late does not touch who has come back since",
          "[enrol][renewal]") {
    RenewalWorld w;
    auto const at = w.clock.wall() + 1min;
    w.tell_removed(subnet_b, at);
    CHECK_FALSE(w.row().removed_at.has_value());
    w.tell_removed(subnet_a, at);
    CHECK(w.row().removed_at.has_value());
    CHECK(w.count("removed") == 1);
    w.tell_removed(subnet_a, at);
    CHECK(w.count("removed") == 1);

    w.come_back();
    CHECK(w.row().updated_at > at);  // though this clock is behind the hub's

    w.tell_removed(subnet_a, at);
    CHECK_FALSE(w.row().removed_at.has_value());
    CHECK(w.count("removed") == 1);
}

TEST_CASE("a node removed here and by a hub whose clock is ahead may come back all the same",
          "[enrol][renewal]") {
    RenewalWorld w;
    auto const at = w.clock.wall() + 1h;
    REQUIRE(remove_node(w.db, w.machine.node_id, "root-token", w.clock).has_value());
    auto const removed_at = w.row().removed_at;

    w.tell_removed(subnet_a, at);

    CHECK(w.row().removed_at == removed_at);
    CHECK(w.count("removed") == 1);
    w.come_back();
    CHECK(w.row().updated_at > at);  // the hub takes it for the later word
    w.tell_removed(subnet_a, at);
    CHECK_FALSE(w.row().removed_at.has_value());
}

TEST_CASE("when a hub goes, its subnet's codes go with it", "[enrol][renewal]") {
    RenewalWorld w;
    auto const code = w.mint();
    CHECK(remove_hub(w.db, subnet_a, "root-token", w.clock).error().code ==
          Problem::subnet_unknown);  // a member alone is no hub
    registry::Node hub = w.row();
    hub.node_id = w.random.uuid();
    hub.role = "hub";
    hub.name = "hub";
    REQUIRE(registry::Nodes(w.db).admit(hub).has_value());

    bool const by_subnet = GENERATE(true, false);
    auto const gone = by_subnet ? remove_hub(w.db, subnet_a, "root-token", w.clock)
                                : remove_node(w.db, hub.node_id, "root-token", w.clock);

    REQUIRE(gone.has_value());
    CHECK(gone->node_id == hub.node_id);
    CHECK(w.grants.list().value().front().state == "revoked");
    CHECK_FALSE(w.row().removed_at.has_value());
    CHECK(remove_hub(w.db, subnet_a, "root-token", w.clock).has_error());
}

TEST_CASE("a life of certificates is a minute to a year", "[enrol][renewal]") {
    CHECK(*parse_leaf_life("") == 30 * 24h);
    CHECK(*parse_leaf_life("1m") == 1min);
    CHECK(*parse_leaf_life("365d") == 365 * 24h);
    for (auto const* text : {"59s", "366d", "0d", "soon", "-1d"})
        CHECK(parse_leaf_life(text).error().code == Problem::invalid_option);
}

}  // namespace adaos::renewal_test
