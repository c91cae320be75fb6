#pragma once
/// An authority's desk: grants, nodes and access tokens, asked from the loop, done on the store's
/// thread. Root has one, every hub has one.

#include "api/refusal_log.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "enrol/access.hpp"
#include "enrol/grants.hpp"
#include "enrol/renewal.hpp"
#include "net/offload.hpp"
#include "net/side_thread.hpp"
#include "net/task.hpp"
#include "registry/nodes.hpp"
#include "store/worker.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adaos::api {

class Desk {
public:
    /// `database` is migrated already. `after_change` runs on the store's thread after each change
    /// of the grants (a hub projects join_codes.json there); may be empty.
    Desk(store::Database database, Bytes mac_key, Clock& clock, Random& random, net::Timers& timers,
         std::function<void(store::Database&)> after_change, Log log);

    net::Task<Result<enrol::Minted>> mint(enrol::MintOrder order);
    /// What is refused before the secret is judged is counted at `order.door`.
    net::Task<Result<enrol::Redeemed>> redeem(enrol::RedeemOrder order, enrol::Sign sign);
    /// As RefusalLog::add: for refusals that left no row in the trail.
    void count_refusal(std::string const& address, std::string const& door, Error const& why) {
        refusals_.add(address, door, why);
    }
    /// What a bootstrap token is for: runs on the store's thread, in the token's transaction; gives
    /// the hub's node id.
    using BootstrapUse =
        std::function<Result<std::string>(store::Database&, std::string_view claims_json)>;
    net::Task<Result<void>> redeem_hub(Secret token, std::string spki_hex, std::string source,
                                       BootstrapUse use);

    /// New or known node, durably; its first hello seals its grant.
    net::Task<Result<registry::Node>> admit(registry::Node node);
    net::Task<Result<void>> seen(std::string node_id);
    /// A member's hello: known or new, its row is put right and its first hello noted, in one step
    /// with the look whether it was removed. Errors: node_removed, duplicate_identity, the store's.
    struct Greeted {
        registry::Node node;
        bool first = false;
    };
    net::Task<Result<Greeted>> greet(registry::Node node);
    net::Task<Result<enrol::Renewed>> renew(enrol::RenewOrder order, enrol::Sign sign);
    /// The subnet's hub has had the first hello of these; ids it does not own are left alone.
    net::Task<Result<void>> arrived(std::string subnet_id, std::vector<std::string> node_ids);
    net::Task<Result<std::vector<registry::Node>>> nodes(std::string subnet_id);
    net::Task<Result<std::vector<registry::Node>>> hubs();
    net::Task<Result<std::optional<registry::Node>>> hub_of(std::string subnet_id);
    net::Task<Result<std::vector<registry::Node>>> changed_since(std::string subnet_id,
                                                                 WallTime since, int limit);
    net::Task<Result<std::optional<registry::Node>>> find_node(std::string node_id);
    net::Task<Result<std::optional<registry::Node>>> find_in(std::string subnet_id,
                                                             std::string id_or_name);

    // For operators (node_office.hpp).
    net::Task<Result<std::vector<registry::Node>>> named(std::string name, std::string subnet_id);
    net::Task<Result<std::vector<registry::Node>>> page(registry::NodePage wish);
    /// With an audit row when it changed anything.
    net::Task<Result<registry::Node>> schedule(std::string node_id,
                                               registry::SchedulingCommand command,
                                               registry::Work work, std::string actor);
    /// What the node answered to `command`, with an audit row when it is news.
    net::Task<Result<registry::Node>> note_provisioning(std::string node_id,
                                                        identity::ProvisioningState state,
                                                        std::string actor);
    net::Task<Result<registry::Node>> heartbeat(std::string node_id, registry::Heartbeat said);
    /// Nodes::after: all of a subnet, page by page.
    net::Task<Result<std::vector<registry::Node>>> nodes_after(std::string subnet_id,
                                                               std::string node_id, int limit);
    /// A hub's word on its members, removals included; what is news of them is audited.
    net::Task<Result<void>> mirror(std::string subnet_id, std::vector<registry::NodeReport> said);
    /// A row of the trail about a node, as of now.
    net::Task<Result<void>> note_event(enrol::AuditRow row);
    /// enrol::remove_node: the row stays as `deleted`, its name is free again. Errors:
    /// node_unknown.
    net::Task<Result<registry::Node>> remove_node(std::string node_id, std::string actor);

    net::Task<Result<enrol::Access::Created>> create_token(std::string name, enrol::Scope scope,
                                                           std::chrono::seconds ttl,
                                                           std::string actor);
    net::Task<Result<std::optional<enrol::AccessToken>>> check_token(std::string presented);
    net::Task<Result<std::vector<enrol::AccessToken>>> tokens();
    /// Errors: not_found.
    net::Task<Result<void>> revoke_token(std::string id, std::string actor);

    [[nodiscard]] Clock& clock() noexcept { return clock_; }
    [[nodiscard]] Random& random() noexcept { return random_; }

    /// Runs `job` on the store's thread; answers when what it wrote is on disk. Errors: the job's,
    /// or the commit's, then whatever the job said: nothing that it wrote is there.
    template <class T>
    net::Task<Result<T>> ask(std::function<Result<T>(store::Database&)> job) {
        std::function<void(store::Database&)> const nothing;
        co_return co_await put<T>(std::move(job), nothing);
    }
    /// Runs `job` some time; nobody waits for it, so what goes wrong is logged as `what`.
    void note(std::string what, std::function<Result<void>(store::Database&)> job);
    /// As `ask`, for what changes grants.
    template <class T>
    net::Task<Result<T>> change(std::function<Result<T>(store::Database&)> job) {
        co_return co_await put<T>(std::move(job), after_change_);
    }
    /// For jobs.
    enrol::Grants grants(store::Database& db) { return {db, mac_key_, clock_, random_}; }

private:
    template <class T>
    net::Task<Result<T>> aside(std::function<Result<T>()> job) {
        net::Post const post = [this](std::function<void()> run) {
            return side_.post(std::move(run));
        };
        co_return co_await net::offload<T>(post, std::move(job));
    }
    /// `after`: once `job` has succeeded and is on disk; may be empty.
    template <class T>
    net::Task<Result<T>> put(std::function<Result<T>(store::Database&)> job,
                             std::function<void(store::Database&)> after) {
        // The job may end after its caller was cancelled, so the result has a home of its own.
        auto const result = std::make_shared<std::optional<Result<T>>>();
        net::Post const post = [this, result, job = std::move(job),
                                after = std::move(after)](std::function<void()> answer) {
            auto const run = [result, job](store::Database& db) { result->emplace(job(db)); };
            return worker_.post(run, [result, after, answer = std::move(answer)](
                                         store::Database& db, Result<void> const& durable) {
                if (durable.has_error())
                    result->emplace(durable.error());
                else if (after && (*result)->has_value())
                    after(db);
                answer();
            });
        };
        std::function<Result<T>()> const take = [result] { return std::move(**result); };
        co_return co_await net::offload<T>(post, take);
    }

    Bytes const mac_key_;
    Clock& clock_;
    Random& random_;
    std::function<void(store::Database&)> after_change_;
    Log log_;
    net::SideThread side_;
    store::Worker worker_;  // its thread uses what stands above
    RefusalLog refusals_;   // last: when it ends it writes what it has counted
};

/// Opens `path` and brings its schema up to date; the 32-byte MAC key file is made when absent.
struct DeskFiles {
    store::Database database;
    Bytes mac_key;
};
[[nodiscard]] Result<DeskFiles> open_desk_files(std::filesystem::path const& database,
                                                std::filesystem::path const& mac_key,
                                                Random& random);

}  // namespace adaos::api
