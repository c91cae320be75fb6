#include "api/desk.hpp"
#include "base/problem.hpp"
#include "enrol/grants.hpp"
#include "enrol/join_code.hpp"
#include "identity/credentials.hpp"
#include "node/command.hpp"
#include "node/join_code_text.hpp"
#include "node/join_options.hpp"
#include "node/local_hosts.hpp"
#include "node/local_node.hpp"
#include "pki/certificate.hpp"
#include "store/atomic_file.hpp"

#include <ostream>

namespace adaos::node {
namespace {

/// Root may be far; the node gives up before that.
constexpr std::chrono::seconds mint_limit{30};
constexpr std::uint16_t default_port = 8777;

Result<void> check(JoinCodeOptions const& options) {
    if (options.ttl_minutes < 1 || options.ttl_minutes > 60)
        return Error(Problem::invalid_field, "--ttl-min: 1 to 60 minutes are allowed");
    if (auto length = enrol::check_code_length(options.length); length.has_error())
        return with_context(length.error(), "--length");
    if (options.local && options.root)
        return Error(Problem::invalid_field, "--root: a --local code is not made at a Root");
    if (options.root) {
        auto const root = parse_url_option("--root", *options.root);
        if (!root) return root.error();
    }
    if (options.hub) {
        if (!options.local)
            return Error(Problem::usage, "--hub is for --local codes: others lead to Root");
        auto const hub = parse_url_option("--hub", *options.hub);
        if (!hub) return hub.error();
    }
    return {};
}

Result<void> check_root(JoinCodeOptions const& options, identity::NodeConfig const& config) {
    if (config.root_base_url.empty()) {
        return Error(Problem::not_joined,
                     "this hub is not registered at a Root; --local makes a code for joining at "
                     "the hub itself");
    }
    if (!options.root) return {};
    auto const configured = net::parse_url(config.root_base_url);
    auto const given = net::parse_url(*options.root);
    if (configured && given && configured->origin() == given->origin()) return {};
    return Error(Problem::invalid_field, "--root: this hub is registered at " +
                                             config.root_base_url +
                                             ", and only that Root can make codes for it");
}

/// Without a running node: the same grant, straight into the hub's database.
Result<MadeCode> mint_here(Context& context, identity::BaseDir const& dir,
                           identity::NodeConfig const& config, JoinCodeOptions const& options) {
    auto const credentials = identity::load_or_make_hub(dir, config, context.clock, context.random);
    if (!credentials) return credentials.error();
    auto const anchor = pki::Certificate::from_pem(credentials->leaf.anchors_pem);
    if (!anchor) return anchor.error();
    auto files = api::open_desk_files(dir.database(), dir.mac_key(), context.random);
    if (!files) return files.error();
    enrol::Grants grants(files->database, files->mac_key, context.clock, context.random);
    enrol::MintOrder order;
    order.subnet_id = config.subnet_id;
    order.ttl = std::chrono::minutes(options.ttl_minutes);
    order.length = options.length;
    order.created_by = config.node_id;
    auto const minted = grants.mint(std::move(order));
    if (!minted) return minted.error();
    auto const projection = enrol::join_codes_projection(files->database);
    if (!projection) return projection.error();
    auto const written = store::write_file(dir.join_codes(), *projection, store::Mode::secret);
    if (written.has_error()) return written.error();
    MadeCode out;
    out.mode = "local";
    out.code = minted->display;
    out.subnet_id = config.subnet_id;
    out.expires_at_utc = rfc3339(minted->expires_at);
    out.ca_fingerprint = anchor->fingerprint();
    return out;
}

Result<MadeCode> mint(Context& context, identity::BaseDir const& dir,
                      identity::NodeConfig const& config, JoinCodeOptions const& options) {
    auto const node = find_local_node(context, dir, std::nullopt);
    bool const offline = !node && node.error().code == Problem::node_not_running;
    if (options.local && offline) return mint_here(context, dir, config, options);
    if (!node) return node.error();
    auto body =
        code_order_json(options.ttl_minutes, options.length, options.local ? "local" : "root");
    auto const answer = ask_node(*node, "POST", "/api/node/join-code", std::move(body), mint_limit);
    if (answer) return parse_made_code(*answer);
    if (options.local && answer.error().code == Problem::node_not_running)
        return mint_here(context, dir, config, options);
    return answer.error();
}

/// Where members of a local code find this hub.
net::Url local_address(identity::BaseDir const& dir, JoinCodeOptions const& options) {
    if (options.hub) return *net::parse_url(*options.hub);
    auto const text = store::read_file(dir.serve_json());
    if (text && *text) {
        auto const record = parse_serve_record(**text);
        if (record) return hub_address(record->host, record->port, local_hosts(record->host));
    }
    return hub_address("127.0.0.1", default_port, {});
}

Result<MadeCode> create(Context& context, JoinCodeOptions const& options) {
    if (auto checked = check(options); checked.has_error()) return checked.error();
    auto const dir = context.open_base_dir();
    if (!dir) return dir.error();
    auto const loaded = identity::plan_config(*dir, context.random);
    if (!loaded) return loaded.error();
    if (loaded->config.role != identity::Role::hub)
        return Error(Problem::not_a_hub, "a member of " + loaded->config.subnet_id);
    auto config = loaded->config;
    if (!options.local) {
        auto const rooted = check_root(options, config);
        if (rooted.has_error()) return rooted.error();
    } else {
        auto written = identity::load_config(*dir, context.random);
        if (!written) return written.error();
        config = std::move(written->config);
    }
    auto made = mint(context, *dir, config, options);
    if (!made) return made.error();
    if (made->mode == "local") {
        address_locally(*made, local_address(*dir, options));
    } else {
        if (made->root_url.empty()) made->root_url = config.root_base_url;
        made->command = join_command(*made);
    }
    return made;
}

}  // namespace

int command_hub_join_code_create(Context& context, JoinCodeOptions const& options) {
    auto const made = create(context, options);
    if (!made) return fail(context, made.error());
    context.out << (context.json ? to_json(*made) : to_text(*made)) << std::flush;
    return 0;
}

}  // namespace adaos::node
