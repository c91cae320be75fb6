#include "node/agent_options.hpp"

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/access.hpp"
#include "identity/machine.hpp"
#include "pki/certificate.hpp"

namespace adaos::node {
namespace {

constexpr std::chrono::seconds most_interval{3600};
constexpr std::chrono::seconds most_timeout{600};

Error bad_option(std::string const& option, std::string const& why) {
    return Error(Problem::invalid_option, option + ": " + why);
}

Result<std::string> read_pin(Context& context, AgentBootstrapOptions const& options) {
    auto const text = options.ca_fingerprint ? options.ca_fingerprint : context.env(pin_variable);
    if (!text)
        return bad_option("--ca-fingerprint",
                          "sha256:<64 hex> is needed, as the token's maker saw it");
    auto pin = pki::parse_fingerprint(*text);
    if (!pin) return bad_option("--ca-fingerprint", pin.error().context);
    return pin;
}

Result<std::chrono::seconds> read_duration(char const* option, std::string const& text,
                                           std::chrono::seconds most) {
    auto const found = enrol::parse_duration(text);
    if (!found || *found < std::chrono::seconds(1) || *found > most)
        return bad_option(option, "1s to " + std::to_string(most.count()) + "s are allowed");
    return *found;
}

Result<net::Url> read_https(char const* option, std::string const& text) {
    auto url = net::parse_url(text);
    if (!url || url->scheme != "https") return bad_option(option, "https://host[:port] is needed");
    return url;
}

Result<std::filesystem::path> read_path(char const* option, std::string const& text) {
    if (text.empty()) return bad_option(option, "it is empty");
    std::error_code failed;
    auto path = std::filesystem::absolute(text, failed);
    if (failed) return bad_option(option, failed.message());
    return path.lexically_normal();
}

}  // namespace

Result<AgentWish> check_agent_options(Context& context, AgentBootstrapOptions const& options) {
    AgentWish wish;
    wish.force = options.force;
    auto pin = read_pin(context, options);
    if (!pin) return pin.error();
    wish.pin = std::move(*pin);
    auto control_plane = read_https("--cp-url", options.cp_url);
    if (!control_plane) return control_plane.error();
    // Behind a path there is a relay, and the certificate that is to be proved ends before it.
    if (control_plane->path != "/") return bad_option("--cp-url", "it has a path; leave that out");
    wish.control_plane = std::move(*control_plane);
    auto const cert_dir = read_path("--cert-dir", options.cert_dir);
    if (!cert_dir) return cert_dir.error();
    auto const config_path = read_path("--config-path", options.config_path);
    if (!config_path) return config_path.error();
    auto const interval =
        read_duration("--heartbeat-interval", options.heartbeat_interval, most_interval);
    if (!interval) return interval.error();
    auto const timeout = read_duration("--request-timeout", options.request_timeout, most_timeout);
    if (!timeout) return timeout.error();
    auto const endpoint = read_https("--advertised-endpoint", options.advertised_endpoint);
    if (!endpoint) return endpoint.error();
    wish.cert_dir = *cert_dir;
    wish.config_path = *config_path;
    wish.request_timeout = *timeout;

    auto& config = wish.config;
    config.control_plane_url = wish.control_plane.origin();
    config.node_name = std::string(trim(options.node_name));
    config.listen = options.listen;
    config.heartbeat_interval = *interval;
    config.request_timeout = *timeout;
    config.advertised_endpoint = options.advertised_endpoint;
    config.migration_host = std::string(trim(options.migration_host));
    config.migration_port_range_start = options.migration_port_range_start;
    config.migration_port_range_end = options.migration_port_range_end;
    config.key_path = (wish.cert_dir / "agent.key").string();
    config.cert_path = (wish.cert_dir / "agent.crt").string();
    config.ca_path = (wish.cert_dir / "ca.crt").string();
    // The loader's own rules, so that what is written can be read.
    if (auto const sound = check_agent_config(config); !sound)
        return Error(Problem::invalid_option, "--" + sound.error().context);
    if (identity::machine_architecture().empty())
        return Error(Problem::invalid_option, "this machine is neither amd64 nor arm64");
    return wish;
}

}  // namespace adaos::node
