#include "node/access_desk.hpp"

#include "api/access_door.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "identity/node_config.hpp"
#include "node/join_code_text.hpp"
#include "node/local_node.hpp"

#include <functional>

namespace adaos::node {
namespace {

constexpr std::chrono::seconds access_answer_limit{10};
constexpr char const* tokens_path = "/api/access/tokens";

struct AccessCall {
    std::string method, path, body;
    /// The same in the database of a hub that does not run.
    std::function<Result<std::string>(enrol::Access&)> otherwise;
};

/// What the running node says; absent when there is none.
Result<std::optional<std::string>> ask_running(Context& context, identity::BaseDir const& dir,
                                               AccessCall const& call) {
    std::optional<std::string> none;
    auto const node = find_local_node(context, dir, std::nullopt);
    if (!node && node.error().code == Problem::node_not_running) return none;
    if (!node) return node.error();
    auto answer = ask_node(*node, call.method, call.path, call.body, access_answer_limit);
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

Result<std::string> ask(Context& context, ServerTarget const& target, AccessCall call) {
    if (target.server)
        return ask_server(context, target, std::move(call.method), std::move(call.path),
                          std::move(call.body));
    auto const dir = context.open_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto answer = ask_running(context, *dir, call);
    if (!answer) return answer.error();
    if (*answer) return std::move(**answer);
    auto files = open_files(context, *dir);
    if (!files) return files.error();
    enrol::Access access(files->database, context.clock, context.random);
    return call.otherwise(access);
}

}  // namespace

Result<std::string> create_access(Context& context, AccessOptions const& options) {
    auto const scope = enrol::parse_scope(options.scope);
    if (!scope) return Error(Problem::invalid_field, "--scope: view, developer, operate or admin");
    auto const ttl = enrol::parse_duration(options.ttl);
    if (!ttl) return with_context(ttl.error(), "--ttl");
    if (options.name.empty()) return Error(Problem::invalid_field, "--name: it is empty");
    auto const create = [&](enrol::Access& access) -> Result<std::string> {
        auto const created = access.create(options.name, *scope, *ttl, "local");
        if (!created) return created.error();
        return api::access_created_json(*created);
    };
    return ask(
        context, options.target,
        {"POST", tokens_path, token_order_json(options.name, options.scope, options.ttl), create});
}

Result<std::string> list_access(Context& context, AccessOptions const& options) {
    auto const list = [](enrol::Access& access) -> Result<std::string> {
        auto const tokens = access.list();
        if (!tokens) return tokens.error();
        return api::access_tokens_json(*tokens);
    };
    return ask(context, options.target, {"GET", tokens_path, "", list});
}

Result<std::string> revoke_access(Context& context, AccessOptions const& options) {
    if (!is_node_id(options.id))  // ids are UUIDs everywhere
        return Error(Problem::invalid_option, "this is no token's id: " + options.id);
    auto const revoke = [&](enrol::Access& access) -> Result<std::string> {
        auto const done = access.revoke(options.id, "local");
        if (!done) return done.error();
        return api::access_revoked_json(options.id);
    };
    return ask(context, options.target,
               {"DELETE", std::string(tokens_path) + "/" + options.id, "", revoke});
}

}  // namespace adaos::node
