#include "node/cli_agent.hpp"

#include "cli/secret_option.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adaos::node {

void AgentCli::add(CLI::App* app, AddVerb const& verb) {
    auto const serve = [this] { return command_agent_serve(context_, serve_); };
    auto const bootstrap = [this] { return command_agent_bootstrap(context_, bootstrap_); };
    // Its action stands before those below it, which are therefore its to call.
    auto* const agent =
        verb(app, "agent", "a node that a join token lets in",
             "  adaos agent bootstrap --token-path token --ca-fingerprint sha256:... --cp-url "
             "https://root.example.org ...\n  adaos agent serve",
             [this, serve, bootstrap] { return bootstrap_app_->parsed() ? bootstrap() : serve(); });
    agent->add_option("--config", serve_.config, "its configuration")->capture_default_str();
    auto* const serving =
        verb(agent, "serve", "serve and report, once the certificates are there",
             "  adaos agent serve\n  adaos agent serve --config /etc/otherix/agent.yaml", serve);
    serving->add_option("--config", serve_.config, "its configuration")->capture_default_str();
    bootstrap_app_ =
        verb(agent, "bootstrap", "turn a join token into a key, a certificate and a configuration",
             "  adaos agent bootstrap --token-path token --ca-fingerprint sha256:... --cp-url "
             "https://root.example.org --node-name node-1 --advertised-endpoint "
             "https://node-1.example.org:9443 --migration-host node-1.example.org",
             bootstrap);
    add_bootstrap_options(bootstrap_app_);
}

void AgentCli::add_bootstrap_options(CLI::App* app) {
    auto& o = bootstrap_;
    cli::add_secret_option(app, o.token);
    app->add_option("--ca-fingerprint", o.ca_fingerprint,
                    "pin of the control plane's CA: sha256:<64 hex>");
    app->add_option("--cp-url", o.cp_url, "the control plane, https://host[:port]")->required();
    app->add_option("--node-name", o.node_name, "this node's name")->required();
    app->add_option("--advertised-endpoint", o.advertised_endpoint,
                    "where others reach this agent, https://host[:port]")
        ->required();
    app->add_option("--migration-host", o.migration_host, "where migrations come in")->required();
    app->add_option("--migration-port-range-start", o.migration_port_range_start,
                    "first of their ports")
        ->capture_default_str();
    app->add_option("--migration-port-range-end", o.migration_port_range_end, "last of their ports")
        ->capture_default_str();
    app->add_option("--cert-dir", o.cert_dir, "folder for key, certificate and CA")
        ->capture_default_str();
    app->add_option("--config-path", o.config_path, "the configuration that is written if absent")
        ->capture_default_str();
    app->add_option("--listen", o.listen, "where agent serve will listen")->capture_default_str();
    app->add_option("--heartbeat-interval", o.heartbeat_interval, "between two reports")
        ->capture_default_str();
    app->add_option("--request-timeout", o.request_timeout, "of one request")
        ->capture_default_str();
    app->add_flag("--force", o.force, "get a new certificate although there is one");
}

}  // namespace adaos::node
