#pragma once
/// What a join writes before it sends anything: the key, and which attempt it is. A join that died
/// with its answer on the way is repeated exactly, and the authority answers the same once more.

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "pki/key.hpp"

#include <string>
#include <string_view>

namespace adaos::node {

/// state/join_attempt.json, mode 0600. Never the code.
struct JoinJournal {
    std::string attempt_id;
    std::string node_id;
    std::string root;      ///< origin of --root
    std::string code_mac;  ///< hex HMAC-SHA-256 of the canonical code under the attempt id
    WallTime created_at{};
};
[[nodiscard]] std::string to_json(JoinJournal const& journal);
/// Errors: state_damaged.
[[nodiscard]] Result<JoinJournal> parse_journal(std::string_view text);
[[nodiscard]] std::string journal_mac(std::string_view attempt_id, Secret const& code);

struct Attempt {
    JoinJournal journal;
    pki::Key key;
    bool is_repeat = false;     ///< the same code at the same Root as before
    bool key_is_older = false;  ///< the key was there before any journal: it stays
};

/// Takes an attempt up again or begins one; key and journal are durable when it returns. A node
/// that is fresh (`loaded.created`) keeps the node id of its journal.
[[nodiscard]] Result<Attempt> begin_attempt(identity::BaseDir const& dir,
                                            identity::LoadedConfig const& loaded,
                                            std::string const& root, Secret const& code,
                                            Clock const& clock, Random& random);
/// Nothing of the attempt stays.
void forget_attempt(identity::BaseDir const& dir, Attempt const& attempt) noexcept;

}  // namespace adaos::node
