#pragma once
/// Nodes that are in the inventory before they speak: `POST /api/v1/admin/nodes`, their bootstrap
/// tokens and scripts (`…/bootstrap-script`), and what a machine with such a token may read
/// (`/api/v1/bootstrap/nodes/{token}/…`). The same at Root and at a hub. docs/protocol/join.md,
/// "Bootstrap".

#include "api/bootstrap_script.hpp"
#include "api/machine_desk.hpp"
#include "api/router.hpp"
#include "registry/inventory.hpp"

namespace adaos::api {

/// What a token was minted for; kept in the grant, so that each read renders the same bytes.
struct BootstrapPlan {
    std::string mode = "manual";  ///< or "cloud_init"
    std::string package_ref, package_digest, trust_version;
};

class BootstrapDoor {
public:
    explicit BootstrapDoor(MachineDesk& desk) : desk_(desk) {}
    void add_routes(Router& router);

private:
    net::Task<void> add_node(net::Exchange& exchange);
    net::Task<void> mint(net::Exchange& exchange, std::string node_id);
    net::Task<void> script(net::Exchange& exchange, std::string token);
    net::Task<void> credential(net::Exchange& exchange, std::string token);
    net::Task<void> package(net::Exchange& exchange, std::string token);

    net::Task<Result<registry::Node>> target(std::string node_id);
    net::Task<Result<Artifact>> current_package();
    /// One counted, audited read; else it is answered and absent.
    net::Task<std::optional<enrol::GrantRow>> read(net::Exchange& exchange, Secret token,
                                                   std::string what);
    net::Task<Result<ScriptFacts>> facts(registry::Node node, BootstrapPlan plan, Secret token);

    MachineDesk& desk_;
};

/// host, name?, sku?, region?, onboarding_mode?, node_id?, subnet_id?. Errors: bad_request,
/// invalid_field.
[[nodiscard]] Result<registry::InventoryItem> parse_inventory_item(std::string_view body);
[[nodiscard]] std::string inventory_json(registry::Node const& node,
                                         registry::InventoryItem const& item);
/// ttl_seconds?, note?. Errors: bad_request, invalid_field.
[[nodiscard]] Result<enrol::MintOrder> parse_bootstrap_wish(std::string_view body);
[[nodiscard]] std::string plan_json(BootstrapPlan const& plan);
/// Errors: state_damaged.
[[nodiscard]] Result<BootstrapPlan> parse_plan(std::string_view text);
[[nodiscard]] std::string bootstrap_json(ScriptFacts const& facts, BootstrapPlan const& plan,
                                         WallTime expires_at);

struct RegistryCredential {
    std::string registry, username, password;
    WallTime expires_at{};  ///< the epoch: it does not say
};
/// Errors: config_invalid.
[[nodiscard]] Result<RegistryCredential> parse_registry_credential(std::string_view text);
[[nodiscard]] std::string credential_json(RegistryCredential const& credential);
/// Lines `REGISTRY_HOST=…`, without quotes: a value is one line.
[[nodiscard]] std::string credential_lines(RegistryCredential const& credential);

}  // namespace adaos::api
