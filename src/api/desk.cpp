#include "api/desk.hpp"

#include "base/problem.hpp"
#include "enrol/audit.hpp"

namespace adaos::api {

Desk::Desk(store::Database database, Bytes mac_key, Clock& clock, Random& random,
           net::Timers& timers, std::function<void(store::Database&)> after_change, Log log)
    : mac_key_(std::move(mac_key)),
      clock_(clock),
      random_(random),
      after_change_(std::move(after_change)),
      log_(std::move(log)),
      worker_(std::move(database)),
      refusals_(clock, timers, [this](auto job) { return worker_.post(std::move(job)); }) {}

namespace {

enrol::AuditRow node_event(std::string_view event, WallTime at, std::string_view actor,
                           std::string_view node_id) {
    enrol::AuditRow row;
    row.event = event;
    row.at = at;
    row.actor = actor;
    row.node_id = node_id;
    return row;
}

/// The event's name for a node that went to this state. Names are public: append only.
std::string_view event_of(registry::Scheduling now) {
    switch (now) {
        case registry::Scheduling::open: return "uncordoned";
        case registry::Scheduling::cordoned: return "cordoned";
        case registry::Scheduling::draining: return "draining";
    }
    return "";
}

}  // namespace

net::Task<Result<enrol::Minted>> Desk::mint(enrol::MintOrder order) {
    using MaybeMinted = std::optional<enrol::Minted>;
    for (int attempt = 1; attempt <= enrol::max_draws; ++attempt) {
        std::function<Result<enrol::Drawn>(store::Database&)> const draw = [this, order](auto& db) {
            return grants(db).draw(order);
        };
        auto const drawn = co_await ask<enrol::Drawn>(draw);
        if (!drawn) co_return drawn.error();
        std::function<Result<enrol::Drawn>()> const stretch =
            [this, drawn = *drawn]() mutable -> Result<enrol::Drawn> {
            if (auto ok = enrol::Grants::stretch(drawn, mac_key_); !ok) return ok.error();
            return std::move(drawn);
        };
        // The store has others to serve meanwhile.
        auto const ready = co_await aside<enrol::Drawn>(stretch);
        if (!ready) co_return ready.error();
        std::function<Result<MaybeMinted>(store::Database&)> const put =
            [this, order, ready = *ready](auto& db) { return grants(db).mint_drawn(order, ready); };
        auto const minted = co_await change<MaybeMinted>(put);
        if (!minted) co_return minted.error();
        if (*minted) co_return **minted;
    }
    co_return Error(Problem::internal, "mint: no free code found");
}

void Desk::note(std::string what, std::function<Result<void>(store::Database&)> job) {
    auto const outcome = std::make_shared<Result<void>>();
    auto const run = [outcome, job = std::move(job)](store::Database& db) { *outcome = job(db); };
    // On the store's thread; a line is one write, so threads' lines do not mix.
    auto const answer = [log = log_, what, outcome](store::Database&, Result<void> const& durable) {
        auto const& done = outcome->has_error() ? *outcome : durable;
        if (done.has_error()) log.error(what, {{"cause", done.error().message()}});
    };
    if (!worker_.post(run, answer)) log_.error(what, {{"cause", "the store's queue is full"}});
}

net::Task<Result<enrol::Redeemed>> Desk::redeem(enrol::RedeemOrder order, enrol::Sign sign) {
    // Shared with the job, which may end after its caller was cancelled.
    auto const unjudged = std::make_shared<bool>(false);
    order.unjudged = [unjudged](Error const&) { *unjudged = true; };
    auto const source = order.source;
    auto const door = order.door;
    std::function<Result<enrol::Redeemed>(store::Database&)> const job =
        [this, order = std::move(order), sign = std::move(sign)](auto& db) {
            return grants(db).redeem(order, sign);
        };
    auto done = co_await change<enrol::Redeemed>(job);
    if (*unjudged) count_refusal(source, door, done.error());
    co_return done;
}

net::Task<Result<void>> Desk::redeem_hub(Secret token, std::string spki_hex, std::string source,
                                         BootstrapUse use) {
    std::function<Result<void>(store::Database&)> const job =
        [this, token = std::move(token), spki_hex = std::move(spki_hex), source = std::move(source),
         use = std::move(use)](auto& db) {
            auto const inside = [&](std::string_view claims) { return use(db, claims); };
            return grants(db).redeem_hub(token, spki_hex, source, inside);
        };
    co_return co_await ask<void>(job);
}

net::Task<Result<registry::Node>> Desk::admit(registry::Node node) {
    std::function<Result<registry::Node>(store::Database&)> const job =
        [node = std::move(node)](auto& db) { return registry::Nodes(db).admit(node); };
    co_return co_await ask<registry::Node>(job);
}

net::Task<Result<void>> Desk::seen(std::string node_id) {
    std::function<Result<void>(store::Database&)> const job =
        [this, node_id = std::move(node_id)](auto& db) -> Result<void> {
        if (auto sealed = grants(db).seal(node_id); !sealed) return sealed;
        return registry::Nodes(db).seen(node_id, clock_.wall());
    };
    co_return co_await ask<void>(job);
}

net::Task<Result<Desk::Greeted>> Desk::greet(registry::Node node) {
    // One job: a removal, another job, comes before all of it or after.
    std::function<Result<Greeted>(store::Database&)> const job =
        [this, node = std::move(node)](auto& db) -> Result<Greeted> {
        registry::Nodes nodes(db);
        auto const known = nodes.find(node.node_id);
        if (!known) return known.error();
        auto row = node;
        if (*known) {
            if ((*known)->removed_at) return Error(Problem::node_removed, node.node_id);
            auto const& before = (*known)->inventory.architecture;
            auto const& now = node.inventory.architecture;
            if (!before.empty() && !now.empty() && before != now)
                return Error(Problem::architecture_mismatch,
                             "it is registered as " + before + " and says it is " + now);
            row.name = (*known)->name;
            row.issued_by = (*known)->issued_by;
        }
        auto admitted = nodes.admit(std::move(row));
        if (!admitted) return admitted.error();
        if (auto sealed = grants(db).seal(node.node_id); !sealed) return sealed.error();
        if (auto noted = nodes.seen(node.node_id, clock_.wall()); !noted) return noted.error();
        return Greeted{std::move(*admitted), !*known || !(*known)->first_hello_at};
    };
    co_return co_await ask<Greeted>(job);
}

net::Task<Result<enrol::Renewed>> Desk::renew(enrol::RenewOrder order, enrol::Sign sign) {
    std::function<Result<enrol::Renewed>(store::Database&)> const job =
        [this, order = std::move(order), sign = std::move(sign)](auto& db) {
            return enrol::renew(db, order, sign, clock_);
        };
    co_return co_await ask<enrol::Renewed>(job);
}

net::Task<Result<void>> Desk::arrived(std::string subnet_id, std::vector<std::string> node_ids) {
    std::function<Result<void>(store::Database&)> const job =
        [this, subnet_id = std::move(subnet_id),
         node_ids = std::move(node_ids)](auto& db) -> Result<void> {
        registry::Nodes nodes(db);
        for (auto const& id : node_ids) {
            auto const known = nodes.find(id);
            if (!known) return known.error();
            auto const& node = *known;
            if (!node || node->subnet_id != subnet_id || node->first_hello_at) continue;
            if (auto sealed = grants(db).seal(id); !sealed) return sealed;
            if (node->removed_at) continue;
            if (auto noted = nodes.seen(id, clock_.wall()); !noted) return noted;
        }
        return {};
    };
    co_return co_await ask<void>(job);
}

net::Task<Result<std::vector<registry::Node>>> Desk::nodes(std::string subnet_id) {
    std::function<Result<std::vector<registry::Node>>(store::Database&)> const job =
        [subnet_id = std::move(subnet_id)](auto& db) {
            return registry::Nodes(db).list(subnet_id);
        };
    co_return co_await ask<std::vector<registry::Node>>(job);
}

net::Task<Result<std::vector<registry::Node>>> Desk::hubs() {
    std::function<Result<std::vector<registry::Node>>(store::Database&)> const job = [](auto& db) {
        return registry::Nodes(db).hubs();
    };
    co_return co_await ask<std::vector<registry::Node>>(job);
}

net::Task<Result<std::optional<registry::Node>>> Desk::hub_of(std::string subnet_id) {
    std::function<Result<std::optional<registry::Node>>(store::Database&)> const job =
        [subnet_id = std::move(subnet_id)](auto& db) {
            return registry::Nodes(db).hub_of(subnet_id);
        };
    co_return co_await ask<std::optional<registry::Node>>(job);
}

net::Task<Result<std::vector<registry::Node>>> Desk::changed_since(std::string subnet_id,
                                                                   WallTime since, int limit) {
    std::function<Result<std::vector<registry::Node>>(store::Database&)> const job =
        [subnet_id = std::move(subnet_id), since, limit](auto& db) {
            return registry::Nodes(db).changed_since(subnet_id, since, limit);
        };
    co_return co_await ask<std::vector<registry::Node>>(job);
}

net::Task<Result<std::optional<registry::Node>>> Desk::find_node(std::string node_id) {
    std::function<Result<std::optional<registry::Node>>(store::Database&)> const job =
        [node_id = std::move(node_id)](auto& db) { return registry::Nodes(db).find(node_id); };
    co_return co_await ask<std::optional<registry::Node>>(job);
}

net::Task<Result<std::optional<registry::Node>>> Desk::find_in(std::string subnet_id,
                                                               std::string id_or_name) {
    std::function<Result<std::optional<registry::Node>>(store::Database&)> const job =
        [subnet_id = std::move(subnet_id), id_or_name = std::move(id_or_name)](auto& db) {
            return registry::Nodes(db).find_in(subnet_id, id_or_name);
        };
    co_return co_await ask<std::optional<registry::Node>>(job);
}

net::Task<Result<std::vector<registry::Node>>> Desk::named(std::string name,
                                                           std::string subnet_id) {
    std::function<Result<std::vector<registry::Node>>(store::Database&)> const job =
        [name = std::move(name), subnet_id = std::move(subnet_id)](auto& db) {
            return registry::Nodes(db).named(name, subnet_id);
        };
    co_return co_await ask<std::vector<registry::Node>>(job);
}

net::Task<Result<std::vector<registry::Node>>> Desk::page(registry::NodePage wish) {
    std::function<Result<std::vector<registry::Node>>(store::Database&)> const job =
        [wish = std::move(wish)](auto& db) { return registry::Nodes(db).page(wish); };
    co_return co_await ask<std::vector<registry::Node>>(job);
}

net::Task<Result<registry::Node>> Desk::schedule(std::string node_id,
                                                 registry::SchedulingCommand command,
                                                 registry::Work work, std::string actor) {
    using registry::Node;
    std::function<Result<Node>(store::Database&)> const job =
        [this, node_id = std::move(node_id), command, work,
         actor = std::move(actor)](store::Database& db) {
            return db.transaction<Node>([&]() -> Result<Node> {
                registry::Nodes nodes(db);
                auto const now = clock_.wall();
                auto const before = nodes.find(node_id);
                if (!before) return before.error();
                auto after = nodes.schedule(node_id, command, work, now, actor);
                if (!after || (*before)->scheduling == after->scheduling) return after;
                auto const event = node_event(event_of(after->scheduling), now, actor, node_id);
                if (auto noted = enrol::append_audit(db, event); !noted) return noted.error();
                return after;
            });
        };
    co_return co_await ask<Node>(job);
}

net::Task<Result<registry::Node>> Desk::note_provisioning(std::string node_id,
                                                          identity::ProvisioningState state,
                                                          std::string actor) {
    using registry::Node;
    std::function<Result<Node>(store::Database&)> const job =
        [this, node_id = std::move(node_id), state = std::move(state),
         actor = std::move(actor)](store::Database& db) {
            return db.transaction<Node>([&]() -> Result<Node> {
                registry::Nodes nodes(db);
                auto node = nodes.find(node_id);
                if (!node) return node.error();
                if (!*node) return Error(Problem::node_unknown, "provisioning");
                auto const before = (*node)->provisioning;
                auto set = nodes.set_provisioning(node_id, state.state, state.cause);
                if (!set) return set.error();
                (*node)->provisioning = state.state;
                (*node)->provisioning_cause = state.cause;
                if (before == state.state) return **node;
                bool const paused = state.state == identity::Provisioning::paused;
                auto const event =
                    node_event(paused ? "paused" : "resumed", clock_.wall(), actor, node_id);
                if (auto noted = enrol::append_audit(db, event); !noted) return noted.error();
                return **node;
            });
        };
    co_return co_await ask<Node>(job);
}

net::Task<Result<registry::Node>> Desk::heartbeat(std::string node_id, registry::Heartbeat said) {
    using registry::Node;
    std::function<Result<Node>(store::Database&)> const job =
        [this, node_id = std::move(node_id),
         said = std::move(said)](store::Database& db) -> Result<Node> {
        if (auto sealed = grants(db).seal(node_id); !sealed) return sealed.error();
        return db.transaction<Node>(
            [&] { return registry::Nodes(db).heartbeat(node_id, said, clock_.wall()); });
    };
    co_return co_await ask<Node>(job);
}

net::Task<Result<std::vector<registry::Node>>> Desk::nodes_after(std::string subnet_id,
                                                                 std::string node_id, int limit) {
    std::function<Result<std::vector<registry::Node>>(store::Database&)> const job =
        [subnet_id = std::move(subnet_id), node_id = std::move(node_id), limit](auto& db) {
            return registry::Nodes(db).after(subnet_id, node_id, limit);
        };
    co_return co_await ask<std::vector<registry::Node>>(job);
}

namespace {

/// A hub's word on one member: what changed by it is in our trail, too.
Result<void> mirror_one(store::Database& db, std::string const& subnet_id,
                        registry::NodeReport const& report, WallTime now) {
    registry::Nodes nodes(db);
    auto const known = nodes.find(report.node_id);
    if (!known) return known.error();
    if (auto done = nodes.mirror(subnet_id, report); !done) return done;
    auto const& before = *known;
    bool const is_ours =
        before && before->subnet_id == subnet_id && before->role == "member" && !before->removed_at;
    if (!is_ours) return {};
    auto const hub = "hub of " + subnet_id;
    using identity::Provisioning;
    auto const then = before->provisioning;
    auto const is = report.axes.provisioning;
    if (then != is && (is == Provisioning::paused || then == Provisioning::paused)) {
        auto const* const event = is == Provisioning::paused ? "paused" : "resumed";
        auto noted = enrol::append_audit(db, node_event(event, now, hub, report.node_id));
        if (!noted) return noted;
    }
    if (before->scheduling == report.axes.scheduling) return {};
    auto row = node_event(event_of(report.axes.scheduling), now, hub, report.node_id);
    row.detail = report.cordoned_by;
    return enrol::append_audit(db, row);
}

}  // namespace

net::Task<Result<void>> Desk::mirror(std::string subnet_id,
                                     std::vector<registry::NodeReport> said) {
    std::function<Result<void>(store::Database&)> const job =
        [this, subnet_id = std::move(subnet_id),
         said = std::move(said)](store::Database& db) -> Result<void> {
        return db.transaction<void>([&]() -> Result<void> {
            for (auto const& report : said) {
                auto const done = report.removed_at
                                      ? enrol::note_removed(db, subnet_id, report, clock_)
                                      : mirror_one(db, subnet_id, report, clock_.wall());
                if (!done) return done;
            }
            return {};
        });
    };
    co_return co_await ask<void>(job);
}

net::Task<Result<void>> Desk::note_event(enrol::AuditRow row) {
    std::function<Result<void>(store::Database&)> const job =
        [this, row = std::move(row)](store::Database& db) {
            return db.transaction<void>([&] {
                auto dated = row;
                dated.at = clock_.wall();
                return enrol::append_audit(db, dated);
            });
        };
    co_return co_await ask<void>(job);
}

net::Task<Result<registry::Node>> Desk::remove_node(std::string node_id, std::string actor) {
    using registry::Node;
    std::function<Result<Node>(store::Database&)> const job = [this, node_id = std::move(node_id),
                                                               actor = std::move(actor)](auto& db) {
        return enrol::remove_node(db, node_id, actor, clock_);
    };
    co_return co_await ask<Node>(job);
}

}  // namespace adaos::api
