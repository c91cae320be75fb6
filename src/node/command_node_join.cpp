#include "base/problem.hpp"
#include "enrol/renewal.hpp"
#include "identity/credentials.hpp"
#include "identity/renewal.hpp"
#include "node/command.hpp"
#include "node/folder_lock.hpp"
#include "node/join_answer.hpp"
#include "node/join_client.hpp"
#include "node/join_journal.hpp"
#include "node/join_options.hpp"
#include "node/joined.hpp"
#include "node/local_hosts.hpp"
#include "node/new_folders.hpp"
#include "node/run_loop.hpp"
#include "pki/request.hpp"

#include <ostream>

namespace adaos::node {
namespace {

using identity::Role;

bool same_origin(std::string const& a, net::Url const& b) {
    auto const url = net::parse_url(a);
    return url && url->origin() == b.origin();
}

class Join {
public:
    Join(Context& context, identity::BaseDir const& dir, JoinWish const& wish)
        : context_(context), dir_(dir), wish_(wish) {}

    Result<Joined> run() {
        auto const loaded = identity::plan_config(dir_, context_.random);
        if (!loaded) return loaded.error();
        auto const present = find_membership(loaded->config);
        if (!present) return present.error();
        if (*present) {
            // What was recovered, or left by a join that died at its end, is written down.
            auto const settled = identity::load_config(dir_, context_.random);
            if (!settled) return settled.error();
            return **present;
        }
        auto const attempt = begin_attempt(dir_, *loaded, wish_.root.origin(), wish_.code,
                                           context_.clock, context_.random);
        if (!attempt) return attempt.error();
        auto const reply = ask(*attempt);
        if (!reply) return reply.error();
        return take(*reply, *attempt, loaded->config);
    }

private:
    /// a member that is told to join where it is already ignores the code.
    Result<std::optional<Joined>> find_membership(identity::NodeConfig const& config) const {
        std::optional<Joined> none;
        if (config.role == Role::hub) {
            if (config.root_base_url.empty()) return none;
            return Error(Problem::join_conflict, "it is the hub of " + config.subnet_id +
                                                     ", registered at " + config.root_base_url);
        }
        auto const stored = identity::load_credentials(dir_, Role::member);
        if (!stored && stored.error().code != Problem::state_damaged) return stored.error();
        if (!stored || !*stored) return none;  // what is there cannot work: join again
        if (identity::is_lost(dir_) || has_ended(**stored)) return none;
        if (!same_origin(config.root_base_url, wish_.root) &&
            !same_origin(config.hub_url, wish_.root))
            return Error(Problem::join_conflict, config.subnet_id + " by " + config.hub_url);
        Joined out;
        out.node_id = config.node_id;
        out.subnet_id = config.subnet_id;
        out.hub_url = config.hub_url;
        out.root_url = config.root_base_url;
        out.activation.reason = "nothing changed";
        return std::optional(std::move(out));
    }

    /// Past what the node itself could recover with its key.
    [[nodiscard]] bool has_ended(identity::Credentials const& stored) const {
        auto const leaf = pki::Certificate::from_pem(stored.chain_pem);
        return leaf && context_.clock.wall() >= leaf->not_after() + enrol::recovery_budget;
    }

    Result<JoinReply> ask(Attempt const& attempt) const {
        auto csr = pki::make_request(attempt.key, attempt.journal.node_id);
        if (!csr) return csr.error();
        JoinOrder order;
        order.root = wish_.root;
        // What the code proves needs no other proof.
        if (!wish_.pin.empty()) order.trust.ca_fingerprint = wish_.pin;
        order.trust.anyone = wish_.pin.empty();
        order.timeout = wish_.timeout;
        order.code = wish_.code;
        order.order = to_json(JoinBody{attempt.journal.node_id, host_name(), wish_.zone,
                                       std::move(*csr), attempt.journal.attempt_id});
        RunLoop loop;
        JoinClient client(loop.network(), loop.timers(), context_.random, std::move(order),
                          [this](std::string_view line) { context_.err << line << std::endl; });
        auto reply = loop.run(client.run());
        // A code that may have been used is asked about again with this very attempt; what another
        // address says of it settles nothing.
        bool const same_root = attempt.journal.root == wish_.root.origin();
        bool const settled = (client.failure().refused && same_root) ||
                             (!attempt.is_repeat && !client.failure().unsettled);
        if (!reply && settled) forget_attempt(dir_, attempt);
        return reply;
    }

    Result<Joined> take(JoinReply const& reply, Attempt const& attempt,
                        identity::NodeConfig const& before) const {
        auto const answer = parse_join_answer(reply.body);
        if (!answer) return with_context(answer.error(), reply.url);
        // Over https TLS has proved the pin, which may be that of a proxy's own certificate.
        auto const pin = reply.url.starts_with("https:") ? std::string() : wish_.pin;
        JoinExpectation const expected{attempt.key, attempt.journal.node_id, pin,
                                       context_.clock.wall()};
        auto const sound = check_join_answer(*answer, expected);
        if (sound.has_error()) return with_context(sound.error(), reply.url);

        identity::Membership membership;
        auto& config = membership.config;
        config = before;
        config.node_id = attempt.journal.node_id;
        config.subnet_id = answer->subnet_id;
        config.role = Role::member;
        if (!wish_.zone.empty()) config.zone_id = wish_.zone;
        config.hub_url = wish_.hub_url.empty() ? answer->hub_url : wish_.hub_url;
        if (config.hub_url.empty()) config.hub_url = wish_.root.origin();
        config.hub_node_id = answer->hub_node_id;
        // The authority's name for us comes first: it is unique in the subnet.
        if (!answer->node_name.empty()) identity::put_name_first(config, answer->node_name);
        config.root_base_url = answer->root_url;
        if (config.root_base_url.empty() && reply.at_root)
            config.root_base_url = wish_.root.origin();
        // Whoever served us there, the same CA serves the link's address.
        if (reply.at_root)
            config.root_ca_fingerprint = wish_.pin.empty() ? answer->tls_pin : wish_.pin;
        membership.chain_pem = answer->cert_pem;
        membership.anchors_pem = answer->ca_pem;
        auto const stored = identity::store_membership(dir_, membership);
        if (stored.has_error()) return stored.error();

        Joined out{config.node_id,
                   config.subnet_id,
                   answer->node_name,
                   config.hub_url,
                   config.root_base_url,
                   reply.url,
                   {}};
        out.activation = activate(context_, dir_);
        return out;
    }

    Context& context_;
    identity::BaseDir const& dir_;
    JoinWish const& wish_;
};

}  // namespace

int command_node_join(Context& context, JoinOptions const& options) {
    auto const wish = check_join_options(context, options);
    if (!wish) return fail(context, wish.error());
    auto const found = context.find_base_dir();
    if (!found) return fail(context, found.error());
    NewFolders const made(*found);
    auto const dir = context.open_base_dir();
    if (!dir) return fail(context, dir.error());
    auto const lock = FolderLock::try_lock(dir->state());
    if (!lock) return fail(context, lock.error());
    auto joined = Join(context, *dir, *wish).run();
    if (!joined) {
        made.remove();
        return fail(context, joined.error());
    }
    context.out << (context.json ? to_json(*joined) : to_text(*joined)) << std::flush;
    return 0;
}

}  // namespace adaos::node
