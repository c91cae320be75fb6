#pragma once
/// What is made before the clock starts: machines with their requests, and grants for them.

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "root/root_files.hpp"

#include <string>
#include <vector>

namespace adaos::bench {

/// The subnet that everybody joins.
inline constexpr char const* subnet_id = "sn_0be0c400";

/// One join that will happen: a machine that has its key and its request, and the grant it was
/// given.
struct Ticket {
    Secret secret;  ///< canonical code, or join token
    std::string node_id, name, csr_pem;
};

/// `count` tickets, each with a code or token of its own (one use), minted by Root's own code in
/// Root's store; other processes may have it open. `prefix`: of the machines' names.
[[nodiscard]] Result<std::vector<Ticket>> mint_codes(root::RootDir const& dir, std::size_t count,
                                                     std::string const& prefix);
[[nodiscard]] Result<std::vector<Ticket>> mint_tokens(root::RootDir const& dir, std::size_t count,
                                                      std::string const& prefix);

/// The hub of `subnet_id`, as its registration leaves it.
[[nodiscard]] Result<void> add_hub(root::RootDir const& dir);

}  // namespace adaos::bench
