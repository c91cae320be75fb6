/// `adaos agent bootstrap`: a join token becomes a key, a certificate and a configuration.

#include "base/problem.hpp"
#include "identity/machine.hpp"
#include "node/agent_client.hpp"
#include "node/agent_files.hpp"
#include "node/agent_options.hpp"
#include "node/agent_text.hpp"
#include "node/folder_lock.hpp"
#include "node/run_loop.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"

#include <ostream>

namespace adaos::node {
namespace {

namespace fs = std::filesystem;

/// The folders that a bootstrap makes; one that fails takes them back.
class MadeFolders {
public:
    Result<std::vector<fs::path>> make(fs::path const& path) {
        auto made = make_agent_folder(path);
        if (made) paths_.insert(paths_.begin(), made->begin(), made->end());
        return made;
    }
    /// Those that are empty.
    void remove() const noexcept {
        std::error_code ignored;
        for (auto const& path : paths_) fs::remove(path, ignored);
    }

private:
    std::vector<fs::path> paths_;
};

class Bootstrap {
public:
    Bootstrap(Context& context, AgentBootstrapOptions const& options, AgentWish const& wish)
        : context_(context), options_(options), wish_(wish), folder_{wish.cert_dir} {}

    Result<AgentDone> run() {
        auto done = try_to();
        if (!done) made_.remove();
        return done;
    }

private:
    Result<AgentDone> try_to() {
        std::error_code ignored;
        auto const has_folder = fs::is_directory(folder_.path, ignored);
        if (has_folder) {
            if (auto locked = lock(); !locked) return locked.error();
            if (auto settled = finish_staged(folder_); !settled) return settled.error();
        }
        switch (plan_bootstrap(folder_, wish_.force)) {
            case AgentPlan::nothing: return nothing_to_do();
            case AgentPlan::refuse: return refused();
            case AgentPlan::enrol: break;
        }
        // Read before anything is made or sent.
        auto const token = cli::read_secret(options_.token, context_.secret_ways());
        if (!token) return token.error();
        RunLoop loop;
        auto const ca_pem = loop.run(fetch_pinned_ca(control_plane(loop)));
        if (!ca_pem) return with_context(ca_pem.error(), "the token was not sent");
        auto const ca = pki::Certificate::from_pem(*ca_pem);
        if (!ca) return ca.error();
        if (!has_folder) {
            if (auto made = made_.make(folder_.path); !made) return made.error();
            if (auto locked = lock(); !locked) return locked.error();
        }
        auto done = enrol(loop, *token, *ca, std::nullopt);
        if (done || done.error().code != Problem::name_taken) return done;
        // The name is another key's: perhaps of the one that is here, which may have it again.
        auto old = old_key();
        if (!old) return done;
        return enrol(loop, *token, *ca, std::move(old));
    }

    Result<void> lock() {
        auto held = FolderLock::try_lock(folder_.path);
        if (!held) return held.error();
        lock_.emplace(std::move(*held));
        return {};
    }

    [[nodiscard]] ControlPlane control_plane(RunLoop& loop) const {
        return {loop.network(), loop.timers(), wish_.control_plane, wish_.pin,
                wish_.request_timeout};
    }

    Result<AgentDone> nothing_to_do() {
        AgentDone done;
        done.node_name = wish_.config.node_name;
        done.was_there = true;
        if (auto written = write_config(done); !written) return written.error();
        if (auto handed = hand_over_all(done); !handed) return handed.error();
        return done;
    }

    [[nodiscard]] Error refused() const {
        return Error(Problem::state_damaged, "only some of " + folder_.key().string() + ", " +
                                                 folder_.cert().string() + " and " +
                                                 folder_.ca().string() + " are there");
    }

    [[nodiscard]] std::optional<pki::Key> old_key() const {
        auto const pem = store::read_secret(folder_.key());
        if (!pem || !*pem) return std::nullopt;
        auto key = pki::Key::from_pem(Secret(**pem));
        if (!key) return std::nullopt;
        return std::move(*key);
    }

    [[nodiscard]] bool is_old_key(pki::Key const& key) const {
        auto const old = old_key();
        return old && old->spki_sha256() == key.spki_sha256();
    }

    /// For `key`, or, without one, for a new key.
    Result<AgentDone> enrol(RunLoop& loop, Secret const& token, pki::Certificate const& ca,
                            std::optional<pki::Key> key) {
        auto const begun =
            begin_agent_attempt(folder_, wish_.control_plane.origin(), wish_.config.node_name,
                                token, context_.random, std::move(key));
        if (!begun) return begun.error();
        auto const body = make_body(token, *begun);
        if (!body) return body.error();
        RedeemTrace trace;
        auto const answer = loop.run(redeem_token(control_plane(loop), to_json(*body), trace));
        if (!answer) {
            // One that may have been heard is asked about again by the same command.
            if (trace.is_refused || (!trace.is_sent && !begun->is_repeat))
                forget_agent_attempt(folder_);
            return answer.error();
        }
        AgentExpectation const expected{begun->key, wish_.config.node_name, ca,
                                        context_.clock.wall()};
        auto const issuer = check_agent_answer(*answer, expected);
        if (!issuer)
            return with_context(issuer.error(), "the token was sent, but nothing was written");
        AgentDone done{answer->node_id,
                       wish_.config.node_name,
                       answer->subnet_id,
                       false,
                       answer->is_replayed,
                       false,
                       {},
                       is_old_key(begun->key)};
        auto kept = stage_answer(folder_, answer->cert_pem, issuer->to_pem());
        if (kept) kept = finish_staged(folder_);
        if (kept) kept = write_config(done);
        if (kept) kept = hand_over_all(done);
        if (!kept)
            return with_context(kept.error(),
                                "the token was used, but not everything is on disk; the same "
                                "command again goes on from here");
        return done;
    }

    Result<AgentBody> make_body(Secret const& token, BegunAttempt const& begun) const {
        auto const& config = wish_.config;
        auto const full = "node-" + config.node_name;
        auto csr = pki::make_request(begun.key, full.substr(0, 64),
                                     {full + ".agents.otherix.local", "localhost"}, {"127.0.0.1"});
        if (!csr) return csr.error();
        return AgentBody{token,
                         std::move(*csr),
                         config.node_name,
                         identity::machine_architecture(),
                         config.advertised_endpoint,
                         config.migration_host,
                         config.migration_port_range_start,
                         config.migration_port_range_end,
                         begun.attempt.redeem_id};
    }

    /// One that is there stays, whatever is in it.
    Result<void> write_config(AgentDone& done) {
        std::error_code failed;
        bool const is_there = fs::exists(fs::symlink_status(wish_.config_path, failed));
        if (is_there) return {};
        auto made = made_.make(wish_.config_path.parent_path());
        if (!made) return made.error();
        config_folders_ = std::move(*made);
        auto const text = agent_yaml(wish_.config);
        done.has_written_config = true;
        return store::write_file(wish_.config_path, text, store::Mode::readable);
    }

    Result<void> hand_over_all(AgentDone const& done) {
        std::vector<fs::path> paths{folder_.path, folder_.key(), folder_.cert(), folder_.ca()};
        if (done.has_written_config) paths.push_back(wish_.config_path);
        // Else whoever is to read it could not go in.
        paths.insert(paths.end(), config_folders_.begin(), config_folders_.end());
        return hand_over(folder_.path.parent_path(), paths);
    }

    Context& context_;
    AgentBootstrapOptions const& options_;
    AgentWish const& wish_;
    AgentFolder folder_;
    MadeFolders made_;
    std::vector<fs::path> config_folders_;
    std::optional<FolderLock> lock_;
};

}  // namespace

int command_agent_bootstrap(Context& context, AgentBootstrapOptions const& options) {
    auto const wish = check_agent_options(context, options);
    if (!wish) return fail(context, wish.error());
    auto done = Bootstrap(context, options, *wish).run();
    if (!done && done.error().code == Problem::state_damaged)
        return fail(context, done.error(),
                    "Delete the ones that are there, or use --force to have all made anew");
    if (!done) return fail(context, done.error());
    done->config_path = wish->config_path.string();
    context.out << (context.json ? agent_json(*done) : agent_text(*done)) << std::flush;
    return 0;
}

}  // namespace adaos::node
