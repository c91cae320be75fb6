#pragma once
/// What a new node runs, rendered: pure text from texts (bootstrap/*.in). No value can be read as
/// anything but a value: in the scripts each stands in single quotes, in the user data in base64.

#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace adaos::api {

struct ScriptFacts {
    std::string node_id, node_name;
    Secret token;
    std::string api_url;  ///< https, without a path
    std::string api_host;
    std::string api_port;
    std::string node_api_url;
    std::string task_key;  ///< with which tasks are signed; may be empty
    std::string trust_version;
    std::string trust_bundle_pem;  ///< of the control plane
    std::string https_ca_pem;      ///< whom `api_url` is pinned to; empty: public trust
    std::string resolve_address;   ///< of api_host; empty: as the resolver says
    std::string package_ref;
    std::string package_digest;  ///< hex
    bool installs_runtime = true;
    std::string runtime_package;
    std::string service;
};

/// A word for a shell: in single quotes, whatever is in it. (NUL cannot be in a word: it is left
/// out.)
[[nodiscard]] std::string shell_quoted(std::string_view text);
/// A value for systemd's EnvironmentFile: in double quotes, one line.
[[nodiscard]] std::string environment_quoted(std::string_view text);

/// The bash script, from its shebang to its last line.
[[nodiscard]] std::string render_node_script(ScriptFacts const& facts);
/// cloud-init user data that fetches exactly the script with this digest (hex).
[[nodiscard]] std::string render_user_data(ScriptFacts const& facts,
                                           std::string_view script_sha256);
/// What an operator runs on the node: fetched to a file, compared, then run. The token is in no
/// process' arguments.
[[nodiscard]] std::string render_command(ScriptFacts const& facts, std::string_view script_sha256);

}  // namespace adaos::api
