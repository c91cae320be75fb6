#pragma once
/// What a join writes before it sends anything: the key, and which attempt it is. A join that died
/// with its answer on the way is repeated exactly, and the authority answers the same once more;
/// other attempts in between change nothing about that.

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "pki/key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adaos::node {

/// So many attempts that nobody answered are remembered; the oldest goes first. Each is 0.3 KiB.
inline constexpr std::size_t max_attempts = 8;

/// One attempt in state/join_attempt.json, mode 0600. Never the code.
struct JoinJournal {
    std::string attempt_id;
    std::string node_id;
    std::string root;      ///< origin of --root
    std::string code_mac;  ///< hex HMAC-SHA-256 of the canonical code under the attempt id
    WallTime created_at{};
    bool key_is_older = false;  ///< the key was there before any journal: it stays
};
/// Newest first; all are of one node and key.
using JoinJournals = std::vector<JoinJournal>;
[[nodiscard]] std::string to_json(JoinJournals const& journals);
/// Errors: state_damaged.
[[nodiscard]] Result<JoinJournals> parse_journals(std::string_view text);
[[nodiscard]] std::string journal_mac(std::string_view attempt_id, Secret const& code);

struct Attempt {
    JoinJournal journal;
    pki::Key key;
    bool is_repeat = false;  ///< the same code as before
};

/// Takes an attempt up again or begins one; key and journal are durable when it returns. A node
/// that is fresh (`loaded.created`) keeps the node id of its journal.
[[nodiscard]] Result<Attempt> begin_attempt(identity::BaseDir const& dir,
                                            identity::LoadedConfig const& loaded,
                                            std::string const& root, Secret const& code,
                                            Clock const& clock, Random& random);
/// Nothing of the attempt stays; the key does while another attempt needs it.
void forget_attempt(identity::BaseDir const& dir, Attempt const& attempt) noexcept;

}  // namespace adaos::node
