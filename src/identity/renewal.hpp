#pragma once
/// A node's new certificate: asked for with the key it has, checked, and put in the old one's place
/// so that after a crash at any point what is on disk is still a pair that the upstream accepts.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "identity/credentials.hpp"

#include <string>
#include <string_view>

namespace adaos::identity {

struct Renewal {
    std::string chain_pem;
    std::string anchors_pem;       ///< empty: those we have stay
    std::string issuer_chain_pem;  ///< of a hub; empty: the issuer stays
};

/// A request signed by the node's key. Errors: the files', state_damaged.
[[nodiscard]] Result<std::string> renewal_request(BaseDir const& dir, Role role,
                                                  std::string const& node_id);
/// The same with the key of a hub's issuer.
[[nodiscard]] Result<std::string> issuer_request(BaseDir const& dir);

/// Errors: bad_answer when it is not for `who` and our key, or does not verify up to its anchors;
/// the files'.
[[nodiscard]] Result<void> store_renewal(BaseDir const& dir, pki::NodeIdentity const& who,
                                         Renewal const& renewal, WallTime now);

/// Whether a hub's issuer should be renewed along with its leaf: past half its life, or signed by
/// another CA than signs leafs now.
[[nodiscard]] bool issuer_is_due(std::string const& issuer_chain_pem, std::string const& leaf_pem,
                                 WallTime now);

/// The upstream has said that this node is out: a join or a registration is no repetition of what
/// is there, but a new beginning. Lasts until one succeeds, or a link comes up.
void note_lost(BaseDir const& dir, std::string_view why);
[[nodiscard]] bool is_lost(BaseDir const& dir);
void forget_lost(BaseDir const& dir) noexcept;

}  // namespace adaos::identity
