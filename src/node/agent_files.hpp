#pragma once
/// What an agent's enrolment leaves on disk: agent.key, agent.crt, ca.crt in one folder, all three
/// old or all three new, whatever crashes in between.
///
/// In the folder: `.bootstrap` holds an attempt (its key, and what is needed to repeat it). When
/// the answer is in it, too, it is renamed to `.staged`: from then on the new set counts, and
/// `finish_staged` moves its files to their places.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "pki/key.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::node {

struct AgentFolder {
    std::filesystem::path path;
    [[nodiscard]] std::filesystem::path key() const { return path / "agent.key"; }
    [[nodiscard]] std::filesystem::path cert() const { return path / "agent.crt"; }
    [[nodiscard]] std::filesystem::path ca() const { return path / "ca.crt"; }
    [[nodiscard]] std::filesystem::path attempt() const { return path / ".bootstrap"; }
    [[nodiscard]] std::filesystem::path renewal() const { return path / ".renewal"; }
    [[nodiscard]] std::filesystem::path staged() const { return path / ".staged"; }
};

/// What a bootstrap does with what it finds.
enum class AgentPlan {
    enrol,    ///< nothing is there, or --force
    nothing,  ///< all is there
    refuse,   ///< some of it
};
[[nodiscard]] AgentPlan plan_bootstrap(bool has_key, bool has_cert, bool has_ca,
                                       bool force) noexcept;
/// The same of a folder, after finish_staged.
[[nodiscard]] AgentPlan plan_bootstrap(AgentFolder const& folder, bool force);

/// `.bootstrap/attempt.json`, 0600. Never the token.
struct AgentAttempt {
    std::string redeem_id, control_plane, node_name, token_mac;
};
[[nodiscard]] std::string to_json(AgentAttempt const& attempt);
/// Errors: state_damaged.
[[nodiscard]] Result<AgentAttempt> parse_agent_attempt(std::string_view text);

struct BegunAttempt {
    AgentAttempt attempt;
    pki::Key key;
    bool is_repeat = false;  ///< the same token, name and control plane as before
};
/// Takes an attempt up again or begins one, for `key`, or for a new one; key and attempt are
/// durable when it returns.
[[nodiscard]] Result<BegunAttempt> begin_agent_attempt(AgentFolder const& folder,
                                                       std::string control_plane,
                                                       std::string node_name, Secret const& token,
                                                       Random& random,
                                                       std::optional<pki::Key> key = {});
/// Nothing of the attempt stays.
void forget_agent_attempt(AgentFolder const& folder) noexcept;
/// The answer joins the attempt, and the set is staged: from here on it counts.
[[nodiscard]] Result<void> stage_answer(AgentFolder const& folder, std::string_view cert_pem,
                                        std::string_view ca_pem);
/// A renewed certificate, with the CA that signed it, is staged; the key stays.
[[nodiscard]] Result<void> stage_renewal(AgentFolder const& folder, std::string_view cert_pem,
                                         std::string_view ca_pem);
/// Moves what is staged to its place, in the order agent.key, agent.crt, ca.crt; does nothing when
/// nothing is staged.
[[nodiscard]] Result<void> finish_staged(AgentFolder const& folder);

/// Makes `path` and its parents, each 0750, and returns those that were made, deepest first.
[[nodiscard]] Result<std::vector<std::filesystem::path>> make_agent_folder(
    std::filesystem::path const& path);
/// As root: hands `paths` to the owner of `model`, unless that is root. Not root: nothing.
[[nodiscard]] Result<void> hand_over(std::filesystem::path const& model,
                                     std::vector<std::filesystem::path> const& paths);

}  // namespace adaos::node
