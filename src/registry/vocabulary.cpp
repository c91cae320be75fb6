#include "registry/vocabulary.hpp"

#include "base/problem.hpp"

#include <array>
#include <string>

namespace adaos::registry {
namespace {

/// What is left of the axes once they are reduced to what the table below asks.
enum class Heard { never, lately, long_ago };

Heard heard(Axes const& axes, WallTime now) noexcept {
    bool const enrolling =
        axes.enrolment == Enrolment::invited || axes.enrolment == Enrolment::pending;
    if (enrolling || !axes.last_heartbeat_at) return Heard::never;
    if (axes.connected) return Heard::lately;
    return now - *axes.last_heartbeat_at > stale_after ? Heard::long_ago : Heard::lately;
}

bool takes_work(Provisioning p) noexcept {
    return p == Provisioning::provisioned;
}

}  // namespace

std::string_view enrolment_name(Enrolment e) noexcept {
    switch (e) {
        case Enrolment::invited: return "invited";
        case Enrolment::pending: return "pending";
        case Enrolment::active: return "active";
        case Enrolment::retired: return "retired";
        case Enrolment::deleted: return "deleted";
    }
    return "";
}

std::string_view scheduling_name(Scheduling s) noexcept {
    switch (s) {
        case Scheduling::open: return "open";
        case Scheduling::cordoned: return "cordoned";
        case Scheduling::draining: return "draining";
    }
    return "";
}

std::string_view liveness_name(Liveness l) noexcept {
    switch (l) {
        case Liveness::never: return "never";
        case Liveness::connected: return "connected";
        case Liveness::stale: return "stale";
    }
    return "";
}

std::optional<Enrolment> parse_enrolment(std::string_view text) noexcept {
    for (auto const e : {Enrolment::invited, Enrolment::pending, Enrolment::active,
                         Enrolment::retired, Enrolment::deleted})
        if (text == enrolment_name(e)) return e;
    return std::nullopt;
}

std::optional<Scheduling> parse_scheduling(std::string_view text) noexcept {
    for (auto const s : {Scheduling::open, Scheduling::cordoned, Scheduling::draining})
        if (text == scheduling_name(s)) return s;
    return std::nullopt;
}

Liveness liveness(Axes const& axes, WallTime now) noexcept {
    bool const posted = axes.posts && heard(axes, now) == Heard::lately;
    if (axes.connected || posted) return Liveness::connected;
    return axes.last_heartbeat_at ? Liveness::stale : Liveness::never;
}

Words words(Axes const& axes, WallTime now) noexcept {
    auto const was_heard = heard(axes, now);
    bool const here = was_heard == Heard::lately;
    Words out;
    out.route_mode = axes.connected ? "ws" : "none";
    out.placeable = axes.enrolment == Enrolment::active && takes_work(axes.provisioning) &&
                    axes.scheduling == Scheduling::open &&
                    liveness(axes, now) == Liveness::connected;
    // The first rule that matches gives the words.
    if (axes.enrolment == Enrolment::deleted) {
        out.present = false;
    } else if (axes.enrolment == Enrolment::retired) {
        out.status = "retired";
        out.row = "offline";
    } else if (axes.scheduling == Scheduling::draining) {
        out.status = out.row = "draining";
    } else if (axes.scheduling == Scheduling::cordoned) {
        out.status = "cordoned";
        out.row = here ? "online" : "offline";
        out.ready = here;
    } else if (was_heard == Heard::never) {
        out.status = out.row = "pending";
    } else if (was_heard == Heard::long_ago) {
        out.status = "unreachable";
        out.row = "offline";
    } else {
        out.status = "ready";
        out.row = "online";
        out.ready = true;
    }
    return out;
}

bool is_status_word(std::string_view text) noexcept {
    for (auto const* const word :
         {"ready", "pending", "unreachable", "cordoned", "draining", "retired"})
        if (text == word) return true;
    return false;
}

Result<Enrolment> next_enrolment(Enrolment from, EnrolmentEvent event) {
    bool const over = from == Enrolment::retired || from == Enrolment::deleted;
    switch (event) {
        case EnrolmentEvent::redeemed: return from == Enrolment::active ? from : Enrolment::pending;
        case EnrolmentEvent::heard:
            if (over) return Error(Problem::node_gone, std::string(enrolment_name(from)));
            if (from == Enrolment::invited)
                return Error(Problem::node_state, "it has no credential yet");
            return Enrolment::active;
        case EnrolmentEvent::retired:
            if (from == Enrolment::deleted) return Error(Problem::node_unknown, "retire");
            return Enrolment::retired;
        case EnrolmentEvent::deleted:
            if (from == Enrolment::deleted) return Error(Problem::node_unknown, "remove");
            return Enrolment::deleted;
    }
    return Error(Problem::internal, "enrolment event");
}

Result<Scheduling> next_scheduling(Axes const& axes, SchedulingCommand command, Work work) {
    if (axes.enrolment == Enrolment::deleted) return Error(Problem::node_unknown, "deleted");
    if (axes.enrolment == Enrolment::retired) return Error(Problem::node_state, "it is retired");
    switch (command) {
        case SchedulingCommand::cordon:
            return axes.scheduling == Scheduling::open ? Scheduling::cordoned : axes.scheduling;
        case SchedulingCommand::uncordon: return Scheduling::open;
        case SchedulingCommand::drain:
            return work == Work::some ? Scheduling::draining : Scheduling::cordoned;
    }
    return Error(Problem::internal, "scheduling command");
}

}  // namespace adaos::registry
