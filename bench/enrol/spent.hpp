#pragma once
/// A store with a long past.

#include "base/error.hpp"
#include "root/root_files.hpp"

#include <cstdint>

namespace adaos::bench {

/// Adds `count` spent grants, half of them codes and half tokens, each with what one leaves: its
/// redemption with the certificate, its node (of the subnet that is joined), and the audit's rows
/// of minting and use. Keys are spread as random ones are. The audit's hashes are random: the chain
/// does not verify. Nobody else has the store open.
[[nodiscard]] Result<void> add_spent_grants(root::RootDir const& dir, std::int64_t count);

}  // namespace adaos::bench
