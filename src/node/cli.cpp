#include "node/cli.hpp"

#include "cli/secret_option.hpp"
#include "cli/version.hpp"
#include "cli/words.hpp"
#include "node/access_commands.hpp"
#include "node/cli_agent.hpp"
#include "node/cli_grants.hpp"
#include "node/cli_hosts.hpp"
#include "node/cli_nodes.hpp"
#include "node/cli_services.hpp"
#include "node/local_node.hpp"
#include "trail/audit_cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <functional>
#include <ostream>
#include <utility>

namespace adaos::node {
namespace {

class Cli {
public:
    explicit Cli(Context& context) : context_(context) {
        cli::show_examples_first(app_);
        app_.footer(
            "  adaos demo\n"
            "  adaos api serve\n"
            "  adaos hub join-code create\n"
            "  adaos node join --code ABCD-EFGH --root https://root.example.org");
        app_.add_option("--base-dir", context_.base_dir,
                        "state folder (default: ADAOS_BASE_DIR, else ~/.adaos)")
            ->type_name("DIR");
        app_.add_flag("--version", version_, "print the version");
        app_.add_flag("--json", context_.json, "with --version: as JSON")->group("");
        app_.fallthrough();
        add_api();
        add_node();
        add_hub();
        add_access();
        add_audit();
        add_host();
        services_.add(noun(&app_, "service", "what this node offers by name"), add_verb());
        services_.add_connect(&app_, add_verb());
        grants_.add_enrol(noun(&app_, "enrol", "codes, tokens and invites that let machines in"),
                          add_verb());
        agent_.add(&app_, add_verb());
        add_dev();
        add_demo();
    }

    int run(std::vector<std::string> words, std::span<char* const> argv) {
        auto const console = context_.console();
        cli::hide_literals(app_, argv);
        if (auto const ended = cli::parse(app_, std::move(words), console))
            return cli::finish(console, *ended);
        if (version_) {
            context_.out << cli::version_text("adaos", context_.json);
            return cli::finish(console, 0);
        }
        for (auto const& [app, action] : actions_)
            if (app->parsed()) return cli::finish(console, action());
        return cli::misuse(app_, console, "no command was given");
    }

private:
    CLI::App* noun(CLI::App* above, char const* word, char const* what) {
        auto* const app = above->add_subcommand(word, what);
        app->footer("");  // else it is the one above's, with examples of other commands
        app->require_subcommand(1);
        app->fallthrough();
        return app;
    }
    CLI::App* verb(CLI::App* noun, char const* word, char const* what, char const* examples,
                   std::function<int()> action) {
        auto* const app = noun->add_subcommand(word, what);
        app->footer(examples);
        app->fallthrough();
        app->add_flag("--json", context_.json, "print one JSON document");
        actions_.emplace_back(app, std::move(action));
        return app;
    }

    AddVerb add_verb() {
        return [this](CLI::App* noun, char const* word, char const* what, char const* examples,
                      std::function<int()> action) {
            return verb(noun, word, what, examples, std::move(action));
        };
    }

    void add_api() {
        auto* const api = noun(&app_, "api", "the server of this node");
        auto* const serve = verb(api, "serve", "run this node in its role, until a signal",
                                 "  adaos api serve\n  adaos api serve --host 0.0.0.0",
                                 [this] { return command_api_serve(context_, serve_); });
        serve->add_option("--host", serve_.host, "address to listen on")->capture_default_str();
        serve->add_option("--port", serve_.port, "port; 0 takes a free one")->capture_default_str();
        serve->add_flag("--plain", serve_.plain,
                        "HTTP alone; without it the port speaks HTTPS, too");
        serve->add_option("--cert-life", serve_.cert_life,
                          "life of the certificates a hub issues, 1m to 365d (default: 30d)");
        serve->add_option("--recovery-budget", serve_.recovery_budget,
                          "how long after its end a certificate can still be renewed with its key, "
                          "1m to 3650d (default: 90d)");
        serve->add_flag("-v,--verbose", context_.verbose,
                        "log at debug level, too: refusals, failed handshakes");
    }

    void add_node() {
        auto* const node = noun(&app_, "node", "this machine's membership");
        auto* const join =
            verb(node, "join", "join a subnet with a code from its hub",
                 "  adaos node join --code ABCD-EFGH --root https://root.example.org "
                 "--ca-fingerprint sha256:...\n"
                 "  adaos node join --code prompt --root http://127.0.0.1:8777",
                 [this] { return command_node_join(context_, join_); });
        cli::add_secret_option(join, join_.code);
        join->add_option("--root", join_.root, "address of Root, or of the hub for a local code")
            ->required();
        join->add_option("--hub-url", join_.hub_url,
                         "where the link goes, instead of the answer's");
        join->add_option("--ca-fingerprint", join_.ca_fingerprint,
                         "pin of the server's CA: sha256:<64 hex>");
        join->add_option("--zone", join_.zone, "zone of this machine: us, eu, ru, in, ch");
        join->add_option("--timeout", join_.timeout_seconds, "seconds to keep trying")
            ->capture_default_str();

        auto* const status = verb(node, "status", "who this node is and what it is connected to",
                                  "  adaos node status\n  adaos node status --json",
                                  [this] { return command_node_status(context_, status_); });
        status->add_flag("--probe,!--no-probe", status_.probe,
                         "ask the running node (--no-probe: only the disk)");
        status->add_option("--control", status_.control, "address of the running node");
        verb(node, "members", "the members of this hub", "  adaos node members",
             [this] { return command_node_members(context_); });
        grants_.add_tokens(noun(node, "join-token", "tokens that let named nodes or a fleet in"),
                           add_verb());
        nodes_.add(node, add_verb());
        hosts_.add_script(node, add_verb());
    }

    void add_hub() {
        auto* const hub = noun(&app_, "hub", "this hub's subnet");
        auto* const codes = noun(hub, "join-code", "codes that let a machine in");
        auto* const create =
            verb(codes, "create", "make a join code",
                 "  adaos hub join-code create\n  adaos hub join-code create --local --ttl-min 5",
                 [this] { return command_hub_join_code_create(context_, code_); });
        create->add_option("--ttl-min", code_.ttl_minutes, "minutes it is valid, 1 to 60")
            ->capture_default_str();
        create->add_option("--length", code_.length, "8, 10 or 12 symbols")->capture_default_str();
        create->add_option("--root", code_.root, "the Root this hub is registered at");
        create->add_flag("--local", code_.local, "for joining at this hub, without Root");
        create->add_option("--hub", code_.hub, "with --local: this hub's address for others");
        grants_.add_codes(codes, add_verb());
    }

    void add_host() {
        auto* const host = noun(&app_, "host", "machines of other people, let in by invite");
        hosts_.add_invites(noun(host, "invite", "invites for one machine each"), add_verb());
        hosts_.add_hosts(host, add_verb());
    }

    void add_access() {
        auto* const access = noun(&app_, "access", "tokens for people and scripts");
        auto* const create = verb(access, "create", "make a token; it is shown once",
                                  "  adaos access create --name laptop --scope view\n"
                                  "  adaos access create --name ci --scope operate "
                                  "--server https://root.example.org --server-token-file token",
                                  [this] { return command_access_create(context_, access_); });
        create->add_option("--name", access_.name, "what it is for")->required();
        create->add_option("--scope", access_.scope, "view, developer, operate or admin")
            ->required();
        create->add_option("--ttl", access_.ttl, "how long it is valid: 30d, 12h, 15m")
            ->capture_default_str();
        add_server(create, access_.target);
        auto* const list = verb(access, "list", "the tokens, newest first", "  adaos access list",
                                [this] { return command_access_list(context_, access_); });
        add_server(list, access_.target);
        auto* const revoke =
            verb(access, "revoke", "end a token at once", "  adaos access revoke TOKEN-ID",
                 [this] { return command_access_revoke(context_, access_); });
        revoke->add_option("id", access_.id, "the token's id, from the list")->required();
        add_server(revoke, access_.target);
    }

    void add_audit() {
        auto* const audit = audit_.add(app_, context_.json);
        actions_.emplace_back(audit, [this] {
            return audit_.run(context_.console(), [this]() -> Result<trail::TrailFile> {
                auto const dir = context_.find_base_dir();
                if (!dir) return dir.error();
                if (auto const hub = require_hub(*dir); !hub) return hub.error();
                return trail::TrailFile{dir->database(), "adaos api serve"};
            });
        });
    }

    void add_dev() {
        auto* const dev = noun(&app_, "dev", "setting things up");
        auto* const root = noun(dev, "root", "this hub's registration at Root");
        auto* const init =
            verb(root, "init", "register this hub at Root; repeating it changes nothing",
                 "  adaos dev root init --root https://root.example.org --token-file root_token "
                 "--ca-fingerprint sha256:...",
                 [this] { return command_dev_root_init(context_, root_init_); });
        init->add_option("--root", root_init_.root, "address of Root")->required();
        cli::add_secret_option(init, root_init_.token);
        init->add_option("--ca-fingerprint", root_init_.ca_fingerprint,
                         "pin of Root's CA: sha256:<64 hex>");
        init->add_option("--subnet-id", root_init_.subnet_id, "the subnet id that is wanted");
        init->add_option("--zone", root_init_.zone, "zone of this hub: us, eu, ru, in, ch");
    }

    void add_demo() {
        auto* const demo = verb(&app_, "demo", "a Root, a hub and two members on this machine",
                                "  adaos demo\n  adaos demo --check",
                                [this] { return command_demo(context_, demo_); });
        demo->add_flag("--check", demo_.check, "only check that it works: exit 0 or 1");
        demo->add_option("--keep", demo_.keep, "folder for the state, which then stays");
    }

    Context& context_;
    CLI::App app_{
        "adaos joins machines into a subnet and makes each reachable through one address.",
        "adaos"};
    std::vector<std::pair<CLI::App*, std::function<int()>>> actions_;
    bool version_ = false;
    ServeOptions serve_;
    JoinOptions join_;
    StatusOptions status_;
    JoinCodeOptions code_;
    AccessOptions access_;
    RootInitOptions root_init_;
    DemoOptions demo_;
    GrantsCli grants_{context_};
    NodesCli nodes_{context_};
    ServicesCli services_{context_};
    AgentCli agent_{context_};
    HostsCli hosts_{context_};
    trail::AuditCli audit_;
};

}  // namespace

int run_cli(Context& context, std::vector<std::string> const& words, std::span<char* const> argv) {
    // Known before the words are: an error in them is JSON, too.
    context.json = std::find(words.begin(), words.end(), "--json") != words.end();
    return Cli(context).run(words, argv);
}

}  // namespace adaos::node
