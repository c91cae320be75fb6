#include "node/access_desk.hpp"

#include "api/desk.hpp"
#include "base/problem.hpp"
#include "enrol/access.hpp"
#include "hub/hub_json.hpp"
#include "identity/node_config.hpp"
#include "node/join_code_text.hpp"
#include "node/local_node.hpp"

namespace adaos::node {
namespace {

constexpr std::chrono::seconds ask_limit{10};
constexpr char const* route = "/api/access/tokens";

/// What the running node says; absent when there is none.
Result<std::optional<std::string>> ask(Context& context, identity::BaseDir const& dir,
                                       std::string method, std::string body) {
    std::optional<std::string> none;
    auto const node = find_local_node(context, dir, std::nullopt);
    if (!node && node.error().code == Problem::node_not_running) return none;
    if (!node) return node.error();
    auto answer = ask_node(*node, std::move(method), route, std::move(body), ask_limit);
    if (!answer && answer.error().code == Problem::node_not_running) return none;
    if (!answer) return answer.error();
    return std::optional(std::move(*answer));
}

Result<api::DeskFiles> open_files(Context& context, identity::BaseDir const& dir) {
    auto const loaded = identity::load_config(dir, context.random);
    if (!loaded) return loaded.error();
    if (loaded->config.role != identity::Role::hub)
        return Error(Problem::not_a_hub, "a member of " + loaded->config.subnet_id);
    return api::open_desk_files(dir.database(), dir.mac_key(), context.random);
}

}  // namespace

Result<std::string> create_access(Context& context, AccessOptions const& options) {
    auto const scope = enrol::parse_scope(options.scope);
    if (!scope) return Error(Problem::invalid_field, "--scope: view, developer, operate or admin");
    auto const ttl = enrol::parse_duration(options.ttl);
    if (!ttl) return with_context(ttl.error(), "--ttl");
    if (options.name.empty()) return Error(Problem::invalid_field, "--name: it is empty");
    auto const dir = context.open_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto answer =
        ask(context, *dir, "POST", token_order_json(options.name, options.scope, options.ttl));
    if (!answer) return answer.error();
    if (*answer) return std::move(**answer);
    auto files = open_files(context, *dir);
    if (!files) return files.error();
    enrol::Access access(files->database, context.clock, context.random);
    auto const created = access.create(options.name, *scope, *ttl);
    if (!created) return created.error();
    return hub::token_json(*created);
}

Result<std::string> list_access(Context& context) {
    auto const dir = context.open_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto answer = ask(context, *dir, "GET", "");
    if (!answer) return answer.error();
    if (*answer) return std::move(**answer);
    auto files = open_files(context, *dir);
    if (!files) return files.error();
    enrol::Access access(files->database, context.clock, context.random);
    auto const tokens = access.list();
    if (!tokens) return tokens.error();
    return hub::tokens_json(*tokens);
}

}  // namespace adaos::node
