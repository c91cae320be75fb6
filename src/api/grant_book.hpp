#pragma once
/// An authority's grants as a book: JSON of an order in, JSON of the record out. The HTTP routes,
/// the link's calls and the doors' own words all go through it.

#include "api/desk.hpp"
#include "api/query.hpp"
#include "enrol/audit.hpp"

#include <array>
#include <functional>
#include <string>

namespace adaos::api {

/// Who asks, for the audit.
struct Actor {
    std::string name;     ///< "local", "root-token", an access token's, a node id
    std::string address;  ///< empty: this machine
};

class GrantBook {
public:
    struct Deps {
        Desk& desk;
        std::string subnet_id;  ///< a hub's own; empty at Root: the order says which
        std::function<std::string()> ca_fingerprint;  ///< of the CA that redeemers pin
        std::function<std::string()> url;             ///< where its doors are; may be empty
    };
    explicit GrantBook(Deps deps) : deps_(std::move(deps)) {}

    /// `within`: only this subnet's grants (a hub that asks Root); empty: all of the book's.
    /// A query's `kind` makes grants of another kind unknown. Errors: bad_request, invalid_field,
    /// subnet_unknown, not_found, grant_ended; the store's.
    net::Task<Result<std::string>> create(std::string body, std::string within, Actor actor);
    net::Task<Result<std::string>> list(std::string query, std::string within);
    net::Task<Result<std::string>> show(std::string id, std::string query, std::string within);
    net::Task<Result<std::string>> revoke(std::string id, std::string query, std::string within,
                                          Actor actor);
    net::Task<Result<std::string>> redemptions(std::string id, std::string query,
                                               std::string within);
    net::Task<Result<std::string>> audit(std::string query, std::string grant_id,
                                         std::string within);

    /// Errors: subnet_unknown; the desk's.
    /// At Root: it has a hub; nobody could be let into another one. Errors: subnet_unknown.
    net::Task<Result<void>> check_subnet(std::string subnet_id);
    net::Task<Result<enrol::Minted>> mint(enrol::MintOrder order);
    net::Task<Result<std::vector<enrol::GrantRow>>> rows(enrol::GrantFilter filter);
    net::Task<Result<enrol::GrantRow>> row(std::string id, std::string within);
    net::Task<Result<void>> end(std::string id, std::string within, Actor actor);
    net::Task<Result<std::vector<enrol::Redemption>>> uses(std::string id, std::string after,
                                                           int limit);
    [[nodiscard]] std::string ca_fingerprint() const { return deps_.ca_fingerprint(); }
    [[nodiscard]] std::string url() const { return deps_.url(); }
    [[nodiscard]] std::string const& subnet_id() const noexcept { return deps_.subnet_id; }

private:
    /// The row of a grant of the kind that the query names, if it names one.
    net::Task<Result<enrol::GrantRow>> meant(std::string id, std::string query, std::string within);
    [[nodiscard]] std::string scope(std::string const& within) const {
        return deps_.subnet_id.empty() ? within : deps_.subnet_id;
    }
    Deps deps_;
};

/// Page of a list: `limit` 1 to 200 (20 unless told), `cursor` an id. Errors: invalid_field.
struct Page {
    int limit = 20;
    std::string cursor;
};
inline constexpr std::array<std::string_view, 2> page_names{"limit", "cursor"};
inline constexpr std::array<std::string_view, 7> grant_names{
    "kind", "state", "subnet_id", "include_expired", "limit", "cursor", "authority"};
/// Of a door whose list is of one kind.
inline constexpr std::array<std::string_view, 5> one_kind_names{
    "state", "subnet_id", "include_expired", "limit", "cursor"};
/// `names`: what else the query may have; as check_query.
[[nodiscard]] Result<Page> parse_page(std::string_view query, QueryNames names);
[[nodiscard]] Result<enrol::GrantFilter> parse_grant_filter(std::string_view query,
                                                            QueryNames names);

/// adaos.grant/v1. `minted` not null: with the secret, this once.
struct Minting {
    enrol::Minted const& minted;
    std::string ca_fingerprint, url;
};
[[nodiscard]] std::string grant_json(enrol::GrantRow const& row);
[[nodiscard]] std::string minted_json(enrol::GrantRow const& row, Minting const& minting);
/// `{schema, data:[…], meta:{next_cursor}}`; a full page has a next one.
[[nodiscard]] std::string grants_json(std::vector<enrol::GrantRow> const& rows, int limit);
[[nodiscard]] std::string redemptions_json(std::vector<enrol::Redemption> const& rows, int limit);
[[nodiscard]] std::string audit_json(std::vector<enrol::AuditRow> const& rows, int limit);
/// kind, subnet_id, ttl_seconds, strict, length, max_uses, node_name, node_id, architecture,
/// claims{}, note. Errors: bad_request, invalid_field.
[[nodiscard]] Result<enrol::MintOrder> parse_mint_order(std::string_view body);

}  // namespace adaos::api
