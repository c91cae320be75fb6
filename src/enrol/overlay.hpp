#pragma once
/// The addresses of an authority's overlay, durably: at most one machine has each. Synchronous,
/// over one Database, inside the caller's transaction. docs/protocol/join.md, "Hosts".

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::enrol {

/// "A.B.C.D" without leading zeros. Absent else.
[[nodiscard]] std::optional<std::uint32_t> parse_ipv4(std::string_view text) noexcept;
[[nodiscard]] std::string ipv4_text(std::uint32_t address);
/// Base64 of 32 bytes in its one form.
[[nodiscard]] bool is_wg_key(std::string_view text);

/// Which addresses there are. The first (network), the second (the authority's own end) and the
/// last (broadcast) belong to nobody.
struct OverlayNet {
    std::uint32_t first = 0;
    int prefix = 0;  ///< 8 to 30

    /// "10.77.0.0/16". Errors: config_invalid.
    static Result<OverlayNet> parse(std::string_view text);
    [[nodiscard]] std::uint32_t last() const noexcept {
        return first | ((std::uint32_t{1} << (32 - prefix)) - 1);
    }
    [[nodiscard]] bool may_give(std::uint32_t address) const noexcept {
        return address > first + 1 && address < last();
    }
};

struct Peer {
    std::string overlay_address, subnet_id, node_id, wg_public_key, added_by;
    std::string name;  ///< of the node
};

class Overlay {
public:
    Overlay(store::Database& db, OverlayNet net, Clock const& clock)
        : db_(db), net_(net), clock_(clock) {}

    /// For whom an address is.
    struct Owner {
        std::string subnet_id, grant_id, node_id;
    };
    /// `wanted`: an address, or "auto" for the lowest free one. What a dead invite reserved and a
    /// removed node had is free. Errors: invalid_field (not ours to give, taken, none is left).
    [[nodiscard]] Result<std::string> reserve(Owner const& owner, std::string_view wanted);
    /// The node gets what its grant reserved; else what it has; else the lowest free address.
    /// `wg_public_key` empty: the one it had, if any. Errors: invalid_field (a key that another
    /// machine has, or is none).
    [[nodiscard]] Result<std::string> settle(Owner const& owner, std::string_view wg_public_key);
    /// An operator's own entry: the key, and `address` unless it is empty. Errors: invalid_field.
    [[nodiscard]] Result<Peer> put(Owner const& owner, std::string_view address,
                                   std::string_view wg_public_key, std::string_view actor);

    [[nodiscard]] Result<std::optional<Peer>> find(std::string_view node_id);
    /// Those with a key, by address: what the tunnel lets in.
    [[nodiscard]] Result<std::vector<Peer>> peers();

    /// Nodes that came by an invite or have an address, by id, behind `after`; `subnet_id` empty:
    /// of every subnet.
    [[nodiscard]] Result<std::vector<std::string>> host_ids(std::string_view subnet_id,
                                                            std::string_view after, int limit);

    /// The tunnel is behind by these changes: `wanted` when it is, absent when it is not.
    [[nodiscard]] Result<std::optional<std::int64_t>> pending();
    [[nodiscard]] Result<void> applied(std::int64_t wanted);
    /// Something changed that the tunnel must learn.
    [[nodiscard]] Result<void> note_change();
    /// Takes back what dead invites reserved and removed nodes had. The calls above do so first.
    [[nodiscard]] Result<void> free_dead();

private:
    [[nodiscard]] Result<std::string> lowest_free();
    [[nodiscard]] Result<void> insert(Owner const& owner, std::string const& address);
    [[nodiscard]] Result<void> set_key(std::string_view node_id, std::string_view key,
                                       std::string_view actor);
    store::Database& db_;
    OverlayNet net_;
    Clock const& clock_;
};

}  // namespace adaos::enrol
