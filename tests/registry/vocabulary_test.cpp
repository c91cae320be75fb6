#include "registry/vocabulary.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>

namespace adaos::vocabulary_test {

using namespace adaos::registry;
using namespace std::chrono_literals;

namespace {

WallTime const now = from_millis(1'767'225'600'000);

constexpr std::array enrolments{Enrolment::invited, Enrolment::pending, Enrolment::active,
                                Enrolment::retired, Enrolment::deleted};
constexpr std::array provisionings{Provisioning::unprovisioned, Provisioning::provisioned,
                                   Provisioning::paused, Provisioning::error};
constexpr std::array schedulings{Scheduling::open, Scheduling::cordoned, Scheduling::draining};

/// An active, provisioned, open node whose last heartbeat was `ago` before now; linked or not.
Axes active(std::chrono::milliseconds ago, bool connected) {
    return {Enrolment::active, Provisioning::provisioned, Scheduling::open, connected, now - ago};
}

struct Row {
    std::string status, row;
    bool ready;
};

void check_words(Axes const& axes, Row const& wanted) {
    auto const found = words(axes, now);
    CHECK(found.present);
    CHECK(found.status == wanted.status);
    CHECK(found.row == wanted.row);
    CHECK(found.ready == wanted.ready);
}

Problem problem_of(Error const& e) {
    return static_cast<Problem>(e.code.value());
}

}  // namespace

TEST_CASE("a deleted node is in no view", "[registry][words]") {
    for (auto const scheduling : schedulings)
        for (bool const connected : {false, true}) {
            auto axes = active(1s, connected);
            axes.enrolment = Enrolment::deleted;
            axes.scheduling = scheduling;
            auto const found = words(axes, now);
            CHECK_FALSE(found.present);
            CHECK_FALSE(found.ready);
            CHECK_FALSE(found.placeable);
        }
}

TEST_CASE("an open node's words follow what was heard of it", "[registry][words]") {
    check_words(active(1s, true), {"ready", "online", true});
    check_words(active(100s, true), {"ready", "online", true});  // its link is up: it is alive
    check_words(active(1s, false), {"ready", "online", true});
    check_words(active(90s, false), {"ready", "online", true});
    check_words(active(90s + 1ms, false), {"unreachable", "offline", false});
    check_words(active(-5s, false), {"ready", "online", true});  // the clock went back
    auto silent = active(0s, false);
    silent.last_heartbeat_at.reset();
    check_words(silent, {"pending", "pending", false});
}

TEST_CASE("a node that was never heard is pending", "[registry][words]") {
    for (auto const enrolment : {Enrolment::invited, Enrolment::pending}) {
        Axes axes;
        axes.enrolment = enrolment;
        check_words(axes, {"pending", "pending", false});
        axes.last_heartbeat_at = now;  // of a membership that ended
        check_words(axes, {"pending", "pending", false});
    }
}

TEST_CASE("cordoned hides nothing of liveness but the word", "[registry][words]") {
    auto const cordoned = [](Axes axes) {
        axes.scheduling = Scheduling::cordoned;
        return axes;
    };
    check_words(cordoned(active(1s, true)), {"cordoned", "online", true});
    check_words(cordoned(active(91s, false)), {"cordoned", "offline", false});
    check_words(cordoned(Axes()), {"cordoned", "offline", false});
    CHECK(liveness(cordoned(active(91s, false)), now) == Liveness::stale);
}

TEST_CASE("draining comes before all but deleted and retired", "[registry][words]") {
    auto axes = active(1s, true);
    axes.scheduling = Scheduling::draining;
    check_words(axes, {"draining", "draining", false});
    axes = active(91s, false);
    axes.scheduling = Scheduling::draining;
    check_words(axes, {"draining", "draining", false});
    axes.enrolment = Enrolment::retired;
    check_words(axes, {"retired", "offline", false});
}

TEST_CASE("a paused or broken node is ready and gets no work", "[registry][words]") {
    for (auto const provisioning :
         {Provisioning::paused, Provisioning::error, Provisioning::unprovisioned}) {
        auto axes = active(1s, true);
        axes.provisioning = provisioning;
        check_words(axes, {"ready", "online", true});
        CHECK_FALSE(words(axes, now).placeable);
    }
}

TEST_CASE("work goes only where all four axes agree", "[registry][words]") {
    int placeable = 0;
    for (auto const e : enrolments)
        for (auto const p : provisionings)
            for (auto const s : schedulings)
                for (bool const connected : {false, true}) {
                    Axes const axes{e, p, s, connected, now, false};
                    auto const found = words(axes, now);
                    placeable += found.placeable ? 1 : 0;
                    CHECK(found.present == (e != Enrolment::deleted));
                    if (found.present) CHECK(is_status_word(found.status));
                    CHECK(found.route_mode == (connected ? "ws" : "none"));
                }
    CHECK(placeable == 1);
    CHECK(words(active(0s, true), now).placeable);
}

TEST_CASE("liveness is never, connected or stale, whatever its age", "[registry][words]") {
    Axes axes;
    CHECK(liveness(axes, now) == Liveness::never);
    axes.connected = true;
    CHECK(liveness(axes, now) == Liveness::connected);
    axes.last_heartbeat_at = now;
    CHECK(liveness(axes, now) == Liveness::connected);
    axes.connected = false;  // as after a restart of the registry
    CHECK(liveness(axes, now) == Liveness::stale);
}

TEST_CASE("a node that posts its reports is connected while they come", "[registry][words]") {
    auto axes = active(90s, false);
    axes.posts = true;
    CHECK(liveness(axes, now) == Liveness::connected);
    CHECK(words(axes, now).placeable);
    CHECK(words(axes, now).route_mode == "none");  // no way there over a link
    axes = active(90s + 1ms, false);
    axes.posts = true;
    CHECK(liveness(axes, now) == Liveness::stale);
    CHECK_FALSE(words(axes, now).placeable);
}

TEST_CASE("names of the axes can be read back, and nothing else is one", "[registry][words]") {
    for (auto const e : enrolments) CHECK(parse_enrolment(enrolment_name(e)) == e);
    for (auto const s : schedulings) CHECK(parse_scheduling(scheduling_name(s)) == s);
    for (auto const p : provisionings)
        CHECK(identity::parse_provisioning(identity::provisioning_name(p)) == p);
    for (auto const* text : {"", "Open", "gone"}) {
        CHECK_FALSE(parse_enrolment(text));
        CHECK_FALSE(parse_scheduling(text));
        CHECK_FALSE(identity::parse_provisioning(text));
        CHECK_FALSE(is_status_word(text));
    }
}

TEST_CASE("every event moves every enrolment as the table says", "[registry][transitions]") {
    using E = Enrolment;
    struct Cell {
        E from;
        EnrolmentEvent event;
        std::optional<E> to;
        Problem refused = Problem::internal;
    };
    using V = EnrolmentEvent;
    auto const cell = GENERATE(
        Cell{E::invited, V::redeemed, E::pending}, Cell{E::pending, V::redeemed, E::pending},
        Cell{E::active, V::redeemed, E::active}, Cell{E::retired, V::redeemed, E::pending},
        Cell{E::deleted, V::redeemed, E::pending},
        Cell{E::invited, V::heard, {}, Problem::node_state}, Cell{E::pending, V::heard, E::active},
        Cell{E::active, V::heard, E::active}, Cell{E::retired, V::heard, {}, Problem::node_gone},
        Cell{E::deleted, V::heard, {}, Problem::node_gone},
        Cell{E::invited, V::retired, E::retired}, Cell{E::pending, V::retired, E::retired},
        Cell{E::active, V::retired, E::retired}, Cell{E::retired, V::retired, E::retired},
        Cell{E::deleted, V::retired, {}, Problem::node_unknown},
        Cell{E::invited, V::deleted, E::deleted}, Cell{E::pending, V::deleted, E::deleted},
        Cell{E::active, V::deleted, E::deleted}, Cell{E::retired, V::deleted, E::deleted},
        Cell{E::deleted, V::deleted, {}, Problem::node_unknown});
    CAPTURE(enrolment_name(cell.from), static_cast<int>(cell.event));

    auto const next = next_enrolment(cell.from, cell.event);

    REQUIRE(next.has_value() == cell.to.has_value());
    if (cell.to)
        CHECK(*next == *cell.to);
    else
        CHECK(problem_of(next.error()) == cell.refused);
}

TEST_CASE("every command moves every scheduling as the table says", "[registry][transitions]") {
    using S = Scheduling;
    using C = SchedulingCommand;
    struct Cell {
        S from;
        C command;
        Work work;
        S to;
    };
    auto const cell = GENERATE(Cell{S::open, C::cordon, Work::none, S::cordoned},
                               Cell{S::open, C::cordon, Work::some, S::cordoned},
                               Cell{S::cordoned, C::cordon, Work::none, S::cordoned},
                               Cell{S::cordoned, C::cordon, Work::some, S::cordoned},
                               Cell{S::draining, C::cordon, Work::none, S::draining},
                               Cell{S::draining, C::cordon, Work::some, S::draining},
                               Cell{S::open, C::uncordon, Work::none, S::open},
                               Cell{S::open, C::uncordon, Work::some, S::open},
                               Cell{S::cordoned, C::uncordon, Work::none, S::open},
                               Cell{S::cordoned, C::uncordon, Work::some, S::open},
                               Cell{S::draining, C::uncordon, Work::none, S::open},
                               Cell{S::draining, C::uncordon, Work::some, S::open},
                               Cell{S::open, C::drain, Work::none, S::cordoned},
                               Cell{S::open, C::drain, Work::some, S::draining},
                               Cell{S::cordoned, C::drain, Work::none, S::cordoned},
                               Cell{S::cordoned, C::drain, Work::some, S::draining},
                               Cell{S::draining, C::drain, Work::none, S::cordoned},
                               Cell{S::draining, C::drain, Work::some, S::draining});
    for (auto const enrolment : enrolments) {
        CAPTURE(scheduling_name(cell.from), static_cast<int>(cell.command),
                enrolment_name(enrolment));
        Axes axes;
        axes.enrolment = enrolment;
        axes.scheduling = cell.from;

        auto const next = next_scheduling(axes, cell.command, cell.work);

        if (enrolment == Enrolment::deleted) {
            CHECK(problem_of(next.error()) == Problem::node_unknown);
        } else if (enrolment == Enrolment::retired) {
            CHECK(problem_of(next.error()) == Problem::node_state);
        } else {
            CHECK(next.value() == cell.to);
        }
    }
}

TEST_CASE("no scheduling command makes a silent node ready", "[registry][transitions]") {
    Axes pending;
    pending.scheduling = next_scheduling(pending, SchedulingCommand::cordon, Work::none).value();
    CHECK(words(pending, now).status == "cordoned");

    pending.scheduling = next_scheduling(pending, SchedulingCommand::uncordon, Work::none).value();

    CHECK(words(pending, now).status == "pending");
}

}  // namespace adaos::vocabulary_test
