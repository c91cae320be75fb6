#pragma once
/// The one grant record: mint, redeem, list, revoke. Synchronous over one Database; exact under
/// threads and processes (BEGIN IMMEDIATE). Root and hub use the same code; rules:
/// docs/protocol/join.md

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "enrol/kinds.hpp"
#include "enrol/pake_verifier.hpp"
#include "pki/key.hpp"
#include "registry/nodes.hpp"
#include "store/database.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::enrol {

struct Minted;
struct Redeemed;
/// What else commits with a mint or a redemption, or, when it fails, undoes it.
using AlongMint = std::function<Result<void>(store::Database&, Minted const&)>;
using AlongRedeem = std::function<Result<void>(store::Database&, Redeemed const&)>;

struct MintOrder {
    Kind kind = Kind::member;
    std::string subnet_id;  ///< which subnet it opens; a hub's token may leave it empty
    /// Absent: the kind's usual life. Outside the kind's bounds: the nearer bound, unless
    /// `is_strict`. Not positive: Problem::invalid_field.
    std::optional<std::chrono::seconds> ttl;
    bool is_strict = false;
    int length = 8;                        ///< codes only
    std::optional<std::int64_t> max_uses;  ///< 0: unlimited; absent: the kind's usual
    std::string node_name;                 ///< binds: only this name; then one use, whatever asked
    std::string node_id;                   ///< binds: only this node; a bootstrap token needs it
    std::string arch;                      ///< binds: "amd64" or "arm64"
    std::string key;                       ///< binds (hub): the CSR key's spki sha256, 64 hex
    std::string claims_json;   ///< an object of texts that the redeemer must claim; hub: opaque
    std::string alloc_json;    ///< what is reserved for the redeemer; opaque to grants
    std::string note;          ///< at most 256 bytes
    std::string created_by;    ///< node id, "root-token", …
    std::string created_from;  ///< address; empty: this machine
    AlongMint along;           ///< in the transaction; may be empty
};
struct Minted {
    std::string id;
    Secret secret;        ///< canonical code, or token; shown once, never stored
    std::string display;  ///< for people; equals the token for tokens
    WallTime created_at{};
    WallTime expires_at{};
    bool is_clamped = false;               ///< the life asked for was outside the bounds
    std::optional<std::int64_t> max_uses;  ///< absent: unlimited
};

/// What is stored of a secret.
struct Traces {
    Digest mac{};
    std::string prefix8, slot;
    std::optional<Bytes> verifier;
};
/// A secret that no grant has yet.
struct Drawn {
    Secret secret;
    std::string display;
    Traces traces;
};
/// One whose slot or MAC is taken by the time it is minted is drawn again this often. At most a
/// quarter of the slots of a length are live, so eight taken ones in a row happen once in 65 000
/// mints at worst.
inline constexpr int max_draws = 8;

struct RedeemOrder {
    Kind kind = Kind::member;  ///< the door's: a grant of another kind is unknown there
    Secret secret;             ///< as typed: of a code, case, dashes and blanks do not matter
    /// Instead of the secret: the grant whose code was proved. Its tries are given back.
    std::string proved_grant_id;
    /// And the run that proved it: closed by success, and left to the caller by a refusal.
    std::string proof;
    /// At a hub: the hub's own subnet; a grant of another subnet is unknown. Empty at Root.
    std::string subnet_id;
    /// The machine's UUID. Empty: the bound one, the named node's, or a new one.
    std::string node_id;
    std::string node_name;  ///< wished, and then exactly this or Problem::name_taken
    std::string hostname;   ///< without a wished name, the name is made from it
    std::string zone;
    std::string arch;
    registry::Inventory inventory;  ///< what the node says of itself; its row takes it over
    std::string csr_pem;
    std::string claims_json;  ///< an object of texts; empty: none
    /// Random, at most 128 bytes; the same attempt and key may repeat until the first hello. Empty:
    /// this attempt may not repeat.
    std::string attempt_id;
    std::string source;  ///< address, for the audit
    std::string door;    ///< the route, likewise
    AlongRedeem along;   ///< in the transaction, not again for a replay; may be empty
    /// Told of a refusal before the secret was judged (throttled, an order of the wrong form),
    /// or of the same dead secret once more, which then is no row of its own: a stranger could make
    /// any number. Empty: the form's is a row.
    std::function<void(Error const&)> unjudged;
};
/// Signs inside the transaction: node, as its row is then -> PEM chain.
using Sign = std::function<Result<std::string>(pki::Key const& key, registry::Node const& node)>;

/// What a hub's token is for, inside its transaction; gets the claims it was minted with.
using Use = std::function<Result<std::string>(std::string_view claims_json)>;

struct Redeemed {
    std::string grant_id;
    registry::Node node;
    std::string hub_node_id;      ///< of the node's subnet; empty while none has registered
    std::string certificate_pem;  ///< leaf and intermediates
    WallTime code_created_at{};
    WallTime code_expires_at{};
    std::string alloc_json;
    bool replayed = false;
};

struct GrantRow {
    /// `state` is worked out, first match wins: superseded, revoked, exhausted, expired, live.
    std::string id, kind, form, prefix8, slot, subnet_id, node_name, node_id, note, created_by,
        state;
    std::string alloc_json;  ///< what is reserved for the redeemer
    std::optional<std::int64_t> max_uses;
    std::int64_t uses = 0;
    int fetches = 0, fetch_budget = 0;
    WallTime created_at{}, expires_at{};
    bool is_clamped = false;
    std::optional<WallTime> revoked_at;
    std::string revoked_by, superseded_by;
    std::optional<WallTime> used_at;  ///< the last use
    std::string used_by;              ///< node id of it
};

/// Every word `GrantRow::state` can be: what a filter may ask for.
inline constexpr std::array<std::string_view, 5> grant_states{"live", "exhausted", "expired",
                                                              "revoked", "superseded"};

/// One successful use.
struct Redemption {
    std::string id, grant_id, node_id, source;
    WallTime at{};
};

/// Most rows that one listing and the projection hold.
inline constexpr int max_listed = 1000;

struct GrantFilter {
    std::optional<Kind> kind;
    std::string subnet_id;  ///< empty: all
    std::string state;      ///< empty: all, but the dead ones only with `with_dead`
    bool with_dead = true;  ///< superseded, revoked and expired ones, too
    /// Rows older than this one; empty: from the newest. Errors: invalid_field when it names none.
    std::string after_id;
    int limit = max_listed;
};

class Grants {
public:
    /// `mac_key`: 32 bytes from a 0600 file beside the database; outlives this, as do the others.
    /// `cost`: of guessing a stolen code's verifier; tests take less.
    Grants(store::Database& db, Bytes const& mac_key, Clock const& clock, Random& random,
           pki::ScryptCost cost = code_cost);

    /// Errors: code_throttled with `retry_after_seconds`, when too many wrong secrets came from
    /// there. The redeeming calls below ask it themselves.
    [[nodiscard]] Result<void> may_try(std::string_view source);
    /// A bootstrap token supersedes the live ones of its node. Errors: invalid_field.
    [[nodiscard]] Result<Minted> mint(MintOrder order);
    // Its three steps, for who would keep a store waiting with the second.
    /// The order is checked, a secret for it drawn. Errors: invalid_field.
    [[nodiscard]] Result<Drawn> draw(MintOrder const& order);
    /// A code's verifier: scrypt takes its time, a tenth of a second. Nothing for a token.
    [[nodiscard]] static Result<void> stretch(Drawn& drawn, Bytes const& mac_key,
                                              pki::ScryptCost cost = code_cost);
    /// Absent: the secret is taken, draw another. Errors: as `mint`.
    [[nodiscard]] Result<std::optional<Minted>> mint_drawn(MintOrder const& order,
                                                           Drawn const& drawn);
    /// Order of checks (spec V5): shape of the order and the CSR, secret and kind, revoked, replay,
    /// expiry, uses, binding, claims, name. A refusal spends nothing and leaves one `rejected`
    /// audit row (or is told to `unjudged`), one a minute for the same dead secret. Success commits
    /// node, certificate, use and audit together. Errors: invalid_field, csr_refused; of a code:
    /// code_blank, code_malformed, code_unknown, code_used, code_expired; of a token:
    /// token_unknown, grant_spent, grant_expired; grant_revoked, grant_bound, claim_mismatch,
    /// attempt_conflict, name_taken, duplicate_identity (the id has another key), join_conflict
    /// (the node is in another subnet, or is a hub); whatever `sign` fails with.
    [[nodiscard]] Result<Redeemed> redeem(RedeemOrder order, Sign const& sign);
    /// A hub's token, used up together with what `use` writes, or not at all when `use` fails.
    /// Errors: bootstrap_token_wrong; whatever `use` fails with.
    [[nodiscard]] Result<void> redeem_hub(Secret const& token, std::string_view spki_hex,
                                          std::string_view source, Use const& use);
    /// One read (`what`: script, credential, package) with a live bootstrap token. Errors:
    /// token_unknown, grant_revoked, grant_expired, grant_spent (enrolled, or the budget is used).
    [[nodiscard]] Result<GrantRow> fetch(Secret const& token, std::string_view what,
                                         std::string_view source);
    /// The node's first hello arrived: its grant may not be replayed any more. Cheap when there is
    /// nothing to seal, so every hello may call it.
    [[nodiscard]] Result<void> seal(std::string_view node_id);

    /// Newest first.
    [[nodiscard]] Result<std::vector<GrantRow>> list(GrantFilter const& filter = {});
    [[nodiscard]] Result<std::optional<GrantRow>> find(std::string_view id);
    /// Newest first, at most `limit`, older than `after_id` unless it is empty. Errors: not_found
    /// for an unknown grant.
    [[nodiscard]] Result<std::vector<Redemption>> redemptions(std::string_view id,
                                                              std::string_view after_id = {},
                                                              int limit = max_listed);
    /// Ends a grant and the replay of its uses; again: no change (spec R3). Errors: not_found;
    /// grant_ended when it has expired or every use is spent.
    [[nodiscard]] Result<void> revoke(std::string_view id, std::string_view actor);

    /// What a proof of the code in `slot` is checked against: the live code's verifier, else that
    /// of the newest dead one (who has it may learn why), else a fake one. At a hub: of
    /// `subnet_id`.
    struct Provable {
        std::string grant_id;  ///< empty: no such code
        PakeVerifier verifier;
    };
    [[nodiscard]] Result<Provable> provable(std::string_view slot, std::string_view subnet_id);
    /// One guess at a slot: it is open until it is redeemed (RedeemOrder::proof), failed or closed.
    struct Proof {
        std::string run;  ///< random
        std::string slot, grant_id, source;
    };
    /// On disk when this returns. Errors: code_throttled; code_burned when the slot's tries are
    /// spent, code or no code.
    [[nodiscard]] Result<void> charge_proof(Proof const& proof);
    /// The guess was wrong, or nobody came back with it: counted against the address, and the fifth
    /// burns the code. Nothing when it is not open any more.
    [[nodiscard]] Result<void> proof_failed(std::string_view run);
    /// The code was right, whatever else was wrong.
    [[nodiscard]] Result<void> close_proof(std::string_view run);
    /// All that are open have failed: for a start, when nobody can come back with them.
    [[nodiscard]] Result<void> fail_open_proofs();

private:
    [[nodiscard]] Result<Drawn> draw_code(MintOrder const& order);
    store::Database& db_;
    Bytes const& mac_key_;
    Clock const& clock_;
    Random& random_;
    pki::ScryptCost cost_;
};

/// The 0600 projection `join_codes.json` of a hub's own codes: MACs and times, never read back.
/// Shape: {"v":1,"codes":{MAC in hex:{created_at,expires_at,consumed_at,subnet_id,meta}}}, times in
/// seconds since the epoch. The newest `max_listed` codes.
[[nodiscard]] Result<std::string> join_codes_projection(store::Database& db);

}  // namespace adaos::enrol
