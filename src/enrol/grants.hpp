#pragma once
/// The one grant record: mint, redeem, list, revoke, audit. Synchronous over one Database; exact
/// under threads and processes (BEGIN IMMEDIATE). Root and hub use the same code.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "pki/key.hpp"
#include "registry/nodes.hpp"
#include "store/database.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace adaos::enrol {

enum class Kind {
    member,     ///< short join code: one machine into one subnet
    bootstrap,  ///< one-time token with which a hub registers its subnet at Root
};

struct MintOrder {
    Kind kind = Kind::member;
    std::string subnet_id;
    /// member: 1 to 60 min, both included; outside: Problem::invalid_field. A bootstrap token
    /// always lives 600 s: this is not looked at.
    std::chrono::seconds ttl{900};
    int length = 8;           ///< member only
    std::string created_by;   ///< node id, "root-token", …
    std::string bind;         ///< bootstrap: the CSR key's spki sha256, 64 hex; empty = unbound
    std::string claims_json;  ///< opaque to grants; bootstrap: {"subnet_id","zone"}
};
struct Minted {
    std::string id;
    Secret secret;        ///< canonical code, or token; shown once, never stored
    std::string display;  ///< for people; equals the token for tokens
    WallTime created_at{};
    WallTime expires_at{};
};

struct RedeemOrder {
    Kind kind = Kind::member;  ///< a bootstrap token has redeem_bootstrap: here it is invalid_field
    Secret secret;             ///< the code as typed: case, dashes and blanks do not matter
    /// At a hub: the hub's own subnet; a code of another subnet is unknown. Empty at Root.
    std::string subnet_id;
    std::string node_id;  ///< the machine's UUID
    std::string hostname;
    std::string zone;
    std::string csr_pem;
    /// Random, at most 128 bytes; the same attempt and key may repeat until the first hello. Empty:
    /// this attempt may not repeat.
    std::string attempt_id;
    std::string source;  ///< address, for the audit
};
/// Signs inside the transaction: node -> PEM chain.
using Sign = std::function<Result<std::string>(pki::Key const& key, registry::Node const& node)>;

/// What a bootstrap token is for, inside its transaction; gets the claims it was minted with.
using Use = std::function<Result<void>(std::string_view claims_json)>;

struct Redeemed {
    std::string grant_id;
    registry::Node node;
    std::string certificate_pem;  ///< leaf and intermediates
    WallTime code_created_at{};
    WallTime code_expires_at{};
    bool replayed = false;
};

struct GrantRow {
    /// `state` is worked out, first match wins: used, revoked, expired, live.
    std::string id, kind, slot, subnet_id, created_by, state;
    WallTime created_at{}, expires_at{};
    std::optional<WallTime> used_at;
    std::string used_by;  ///< node id
};

/// Events: minted, redeemed, replayed, rejected, sealed, revoked, access_created, access_revoked.
/// Actor: who asked, else the source address. Detail of `rejected`: the problem's slug.
struct AuditRow {
    std::int64_t seq = 0;
    WallTime at{};
    std::string event, actor, grant_id, node_id, detail;
};

/// Most rows `list` and the projection hold, and most that one `audit` call returns.
inline constexpr int max_listed = 1000;

class Grants {
public:
    /// `mac_key`: 32 bytes from a 0600 file beside the database; outlives this, as do the others.
    Grants(store::Database& db, Bytes const& mac_key, Clock const& clock, Random& random);

    /// Errors: invalid_field.
    [[nodiscard]] Result<Minted> mint(MintOrder order);
    /// Order of checks: shape of the order and the CSR, secret, replay, state (used before expired:
    /// a used code stays used; revoked looks expired), expiry, node conflict. A refusal spends
    /// nothing and leaves one `rejected` audit row. Success commits node, certificate, use and
    /// audit together. Errors: invalid_field, csr_refused, code_blank, code_malformed,
    /// code_unknown, code_used, code_expired, duplicate_identity (the id has another key),
    /// join_conflict (the node is in another subnet, or is a hub); whatever `sign` fails with.
    [[nodiscard]] Result<Redeemed> redeem(RedeemOrder order, Sign const& sign);
    /// A bootstrap token, used up together with what `use` writes, or not at all when `use` fails.
    /// Errors: bootstrap_token_wrong; whatever `use` fails with.
    [[nodiscard]] Result<void> redeem_bootstrap(Secret const& token, std::string_view spki_hex,
                                                std::string_view source, Use const& use);
    /// The node's first hello arrived: its grant may not be replayed any more. Cheap when there is
    /// nothing to seal, so every hello may call it.
    [[nodiscard]] Result<void> seal(std::string_view node_id);
    /// Newest first, at most `max_listed`.
    [[nodiscard]] Result<std::vector<GrantRow>> list();
    /// Ends a live grant, and the replay of a used one; again: no change. Errors: not_found.
    [[nodiscard]] Result<void> revoke(std::string_view id, std::string_view actor);
    /// Newest first, at most `limit` and `max_listed`.
    [[nodiscard]] Result<std::vector<AuditRow>> audit(int limit);

private:
    store::Database& db_;
    Bytes const& mac_key_;
    Clock const& clock_;
    Random& random_;
};

/// Walks the whole trail: every row's hash, and that none is missing before the last. Errors:
/// state_damaged with the number of the first row that is not as it was written.
[[nodiscard]] Result<void> verify_audit(store::Database& db);

/// The 0600 projection `join_codes.json` of a hub's own codes: MACs and times, never read back.
/// Shape: {"v":1,"codes":{MAC in hex:{created_at,expires_at,consumed_at,subnet_id,meta}}}, times in
/// seconds since the epoch. The newest `max_listed` codes.
[[nodiscard]] Result<std::string> join_codes_projection(store::Database& db);

}  // namespace adaos::enrol
