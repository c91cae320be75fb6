#pragma once
/// One try to redeem one join code: checked outside the transaction, decided inside it. Internal to
/// enrol; the rules are docs/protocol/join.md.

#include "enrol/grants.hpp"

namespace adaos::enrol {

/// References as in Grants; an object serves one `run`.
class Redemption {
public:
    Redemption(store::Database& db, Clock const& clock, Random& random, RedeemOrder const& order,
               Sign const& sign)
        : db_(db), clock_(clock), random_(random), order_(order), sign_(sign), nodes_(db) {}

    [[nodiscard]] Result<Redeemed> run(Bytes const& mac_key);
    /// The grant that the secret named; empty while it is unknown. For the audit of a refusal.
    [[nodiscard]] std::string const& grant_id() const noexcept { return grant_.id; }

private:
    struct Grant {
        std::string id, subnet_id;
        WallTime created_at{}, expires_at{};
        bool is_used = false, is_revoked = false;
    };
    [[nodiscard]] Result<void> check_order() const;
    [[nodiscard]] Result<Redeemed> decide(Digest const& mac, pki::Key const& key);
    [[nodiscard]] Result<void> find_grant(Digest const& mac);
    [[nodiscard]] Result<Redeemed> replay(std::string const& spki);
    [[nodiscard]] Result<Redeemed> admit(pki::Key const& key, std::string const& spki);
    [[nodiscard]] Result<registry::Node> admit_node(std::string const& spki);
    [[nodiscard]] Result<void> record(Redeemed const& done, std::string const& spki);
    [[nodiscard]] Result<void> write_audit(std::string_view event, registry::Node const& node);

    store::Database& db_;
    Clock const& clock_;
    Random& random_;
    RedeemOrder const& order_;
    Sign const& sign_;
    registry::Nodes nodes_;
    Grant grant_;
    WallTime now_{};
};

}  // namespace adaos::enrol
