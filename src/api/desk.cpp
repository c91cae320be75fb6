#include "api/desk.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

namespace adaos::api {

Desk::Desk(store::Database database, Bytes mac_key, Clock& clock, Random& random,
           std::function<void(store::Database&)> after_change)
    : mac_key_(std::move(mac_key)),
      clock_(clock),
      random_(random),
      after_change_(std::move(after_change)),
      worker_(std::move(database)) {}

net::Task<Result<enrol::Minted>> Desk::mint(enrol::MintOrder order) {
    std::function<Result<enrol::Minted>(store::Database&)> const job =
        [this, order = std::move(order)](auto& db) { return grants(db).mint(order); };
    co_return co_await change<enrol::Minted>(job);
}

net::Task<Result<enrol::Redeemed>> Desk::redeem(enrol::RedeemOrder order, enrol::Sign sign) {
    std::function<Result<enrol::Redeemed>(store::Database&)> const job =
        [this, order = std::move(order), sign = std::move(sign)](auto& db) {
            return grants(db).redeem(order, sign);
        };
    co_return co_await change<enrol::Redeemed>(job);
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

net::Task<Result<enrol::Access::Created>> Desk::create_token(std::string name, enrol::Scope scope,
                                                             std::chrono::seconds ttl) {
    std::function<Result<enrol::Access::Created>(store::Database&)> const job =
        [this, name = std::move(name), scope, ttl](auto& db) {
            return enrol::Access(db, clock_, random_).create(name, scope, ttl);
        };
    co_return co_await ask<enrol::Access::Created>(job);
}

net::Task<Result<std::optional<enrol::AccessToken>>> Desk::check_token(std::string presented) {
    std::function<Result<std::optional<enrol::AccessToken>>(store::Database&)> const job =
        [this, presented = std::move(presented)](auto& db) {
            return enrol::Access(db, clock_, random_).check(presented);
        };
    co_return co_await ask<std::optional<enrol::AccessToken>>(job);
}

net::Task<Result<std::vector<enrol::AccessToken>>> Desk::tokens() {
    std::function<Result<std::vector<enrol::AccessToken>>(store::Database&)> const job =
        [this](auto& db) { return enrol::Access(db, clock_, random_).list(); };
    co_return co_await ask<std::vector<enrol::AccessToken>>(job);
}

Result<DeskFiles> open_desk_files(std::filesystem::path const& database,
                                  std::filesystem::path const& mac_key, Random& random) {
    auto stored = store::read_secret(mac_key);
    if (!stored) return stored.error();
    Bytes key;
    if (*stored) {
        auto const decoded = from_hex(trim(**stored));
        if (!decoded || decoded->size() != 32)
            return Error(Problem::state_damaged, mac_key.string());
        key = *decoded;
    } else {
        key.resize(32);
        random.fill(key);
        auto written = store::write_file(mac_key, to_hex(key) + "\n", store::Mode::secret);
        if (!written) return written.error();
    }
    auto db = store::Database::open(database);
    if (!db) return db.error();
    if (auto migrated = db->migrate(registry::schema()); !migrated) return migrated.error();
    return DeskFiles{std::move(*db), std::move(key)};
}

}  // namespace adaos::api
