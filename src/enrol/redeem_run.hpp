#pragma once
/// One try to redeem one grant: checked outside the transaction, decided inside it. Internal to
/// enrol; the rules are docs/protocol/join.md.

#include "enrol/grants.hpp"

namespace adaos::enrol {

/// References as in Grants; an object serves one `run`.
class RedeemRun {
public:
    RedeemRun(store::Database& db, Clock const& clock, Random& random, RedeemOrder const& order,
              Sign const& sign)
        : db_(db), clock_(clock), random_(random), order_(order), sign_(sign), nodes_(db) {}

    [[nodiscard]] Result<Redeemed> run(Bytes const& mac_key);
    /// The grant that the secret named; empty while it is unknown. For the audit of a refusal.
    [[nodiscard]] std::string const& grant_id() const noexcept { return grant_.id; }
    /// The slot of the code that was proved; empty for another way in.
    [[nodiscard]] std::string proved_slot() const {
        return order_.proved_grant_id.empty() ? std::string() : grant_.slot;
    }
    /// The slot of a well-formed code that named no grant: a wrong guess at that slot.
    [[nodiscard]] std::string const& guessed_slot() const noexcept { return guessed_slot_; }

private:
    struct Grant {
        std::string id, subnet_id, slot;
        std::string bind_name, bind_node_id, bind_arch, claims_json, alloc_json;
        WallTime created_at{}, expires_at{};
        bool is_code = false, is_spent = false, is_revoked = false;
    };
    [[nodiscard]] Result<void> check_order() const;
    [[nodiscard]] Result<Digest> secret_mac(Bytes const& mac_key);
    [[nodiscard]] Result<Redeemed> decide(pki::Key const& key);
    [[nodiscard]] Result<void> find_grant();
    /// The answer of the same attempt before this one; absent: there was none.
    [[nodiscard]] Result<std::optional<Redeemed>> find_replay(std::string const& spki);
    [[nodiscard]] Result<void> check_state() const;
    [[nodiscard]] Result<void> check_binding() const;
    [[nodiscard]] Result<Redeemed> admit(pki::Key const& key, std::string const& spki);
    [[nodiscard]] Result<std::string> resolve_node(std::string const& spki);
    [[nodiscard]] Result<void> take_over(registry::Node const& known, std::string const& spki);
    [[nodiscard]] Result<registry::Node> admit_node(std::string const& node_id,
                                                    std::string const& spki);
    [[nodiscard]] Result<void> record(Redeemed const& done, std::string const& spki);
    [[nodiscard]] Result<void> write_audit(std::string_view event, registry::Node const& node);
    [[nodiscard]] Result<Redeemed> outcome(registry::Node node, std::string certificate_pem);
    [[nodiscard]] Error unknown() const;
    [[nodiscard]] Error spent() const;

    store::Database& db_;
    Clock const& clock_;
    Random& random_;
    RedeemOrder const& order_;
    Sign const& sign_;
    registry::Nodes nodes_;
    Digest mac_{};
    Grant grant_;
    std::string guessed_slot_;
    WallTime now_{};
};

}  // namespace adaos::enrol
