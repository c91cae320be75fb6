#pragma once
/// The commands of the binary `adaos`: one function and one file each. cli.cpp parses, a command
/// does its work and returns the exit code.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "cli/console.hpp"
#include "cli/secret_source.hpp"
#include "identity/base_dir.hpp"
#include "node/demo.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace adaos::node {

/// What a command may touch of the world. Results go to `out`, everything else to `err`.
struct Context {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    identity::Env env;
    Clock& clock;
    Random& random;
    bool err_is_terminal = false;
    std::optional<std::string> base_dir;  ///< --base-dir
    bool json = false;                    ///< --json
    bool verbose = false;                 ///< -v
    cli::AskHidden ask = {};              ///< empty: standard input is no terminal

    /// The base directory this command works on; its folders are made.
    [[nodiscard]] Result<identity::BaseDir> open_base_dir() const;
    /// The same for a command that only reads: nothing is made.
    [[nodiscard]] Result<identity::BaseDir> find_base_dir() const;
    [[nodiscard]] cli::Console console() const { return {"adaos", out, err, json}; }
    [[nodiscard]] cli::SecretWays secret_ways() const { return {"adaos", in, err, env, ask}; }
};

/// Prints the two lines, with --json the error object, too. Returns the exit code.
[[nodiscard]] int fail(Context& context, Error const& error);
/// The same with a hint of its own instead of the table's.
[[nodiscard]] int fail(Context& context, Error const& error, std::string_view hint);
/// Prints a result, which ends with a newline then, or fails. Returns the exit code.
[[nodiscard]] int print(Context& context, Result<std::string> const& text);

struct ServeOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8777;
    bool plain = false;
    std::string cert_life;        ///< "30d"; empty: the default
    std::string recovery_budget;  ///< likewise
};
[[nodiscard]] int command_api_serve(Context& context, ServeOptions const& options);
[[nodiscard]] int command_demo(Context& context, DemoOptions const& options);

struct RootInitOptions {
    std::string root;
    cli::SecretOption token{"--token", "root token", "ADAOS_ROOT_TOKEN"};
    std::optional<std::string> ca_fingerprint, subnet_id, zone;
};
[[nodiscard]] int command_dev_root_init(Context& context, RootInitOptions const& options);

struct JoinCodeOptions {
    int ttl_minutes = 15;
    int length = 8;
    std::optional<std::string> root;
    std::optional<std::string> hub;  ///< for a local code: the hub's address as the member sees it
    bool local = false;
};
[[nodiscard]] int command_hub_join_code_create(Context& context, JoinCodeOptions const& options);

struct JoinOptions {
    cli::SecretOption code{"--code", "join code", "ADAOS_JOIN_CODE"};
    std::string root;
    std::optional<std::string> hub_url, ca_fingerprint, zone;
    int timeout_seconds = 30;
};
[[nodiscard]] int command_node_join(Context& context, JoinOptions const& options);

struct StatusOptions {
    bool probe = true;
    std::optional<std::string> control;
};
[[nodiscard]] int command_node_status(Context& context, StatusOptions const& options);
[[nodiscard]] int command_node_members(Context& context);

}  // namespace adaos::node
