#include "api/host_settings.hpp"

#include "base/problem.hpp"
#include "net/http_client.hpp"

#include <algorithm>
#include <cstdlib>

namespace adaos::api {
namespace {

Error wrong(char const* variable, std::string why) {
    return Error(Problem::config_invalid, std::string(variable) + ": " + std::move(why));
}

/// Package, service and image names: nothing a shell or apt could take for something else.
bool is_plain_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '+' || c == '_' || c == '@';
           });
}

bool is_one_line(std::string_view text) {
    return text.size() <= 1024 && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

Result<void> check_settings(HostSettings const& s) {
    if (!s.cp_wg_public_key.empty() && !enrol::is_wg_key(s.cp_wg_public_key))
        return wrong("ADAOS_WG_PUBLIC_KEY", "base64 of 32 bytes");
    if (!is_one_line(s.cp_endpoint)) return wrong("ADAOS_WG_ENDPOINT", "host:port");
    if (!is_plain_name(s.runtime_package))
        return wrong("NODE_BOOTSTRAP_CONTAINER_RUNTIME_PACKAGE", "the name of a package");
    if (!is_plain_name(s.agent_service))
        return wrong("NODE_BOOTSTRAP_SERVICE", "the name of a unit");
    if (!s.resolve_address.empty() && !enrol::parse_ipv4(s.resolve_address))
        return wrong("NODE_BOOTSTRAP_RESOLVE_ADDRESS", "like 10.0.0.5");
    if (!is_one_line(s.package_ref)) return wrong("NODE_BOOTSTRAP_PACKAGE_REF", "one line");
    for (auto const& [name, url] : {std::pair("NODE_BOOTSTRAP_API_URL", s.api_url),
                                    std::pair("NODE_BOOTSTRAP_NODE_API_URL", s.node_api_url)}) {
        if (url.empty()) continue;
        auto const parsed = net::parse_url(url);
        if (!parsed || parsed->scheme != "https") return wrong(name, "https://name");
    }
    return {};
}

}  // namespace

identity::Env process_environment() {
    return [](char const* name) -> std::optional<std::string> {
        auto const* const value = std::getenv(name);  // NOLINT: read before any thread starts
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
}

Result<HostSettings> read_host_settings(identity::Env const& variables,
                                        std::filesystem::path const& base) {
    auto const read = [&](char const* name, std::string usual = {}) {
        auto value = variables(name);
        return value && !value->empty() ? std::move(*value) : std::move(usual);
    };
    HostSettings s;
    auto const net = enrol::OverlayNet::parse(read("ADAOS_OVERLAY_NETWORK", "10.77.0.0/16"));
    if (!net) return wrong("ADAOS_OVERLAY_NETWORK", net.error().context);
    s.overlay = *net;
    s.cp_wg_public_key = read("ADAOS_WG_PUBLIC_KEY");
    s.cp_endpoint = read("ADAOS_WG_ENDPOINT");
    s.dist = read("ADAOS_DIST_DIR", (base / "dist").string());
    s.peers_conf = base / "state" / "wireguard" / "peers.conf";
    s.package = read("NODE_BOOTSTRAP_PACKAGE");
    s.package_ref = read("NODE_BOOTSTRAP_PACKAGE_REF", s.package.filename().string());
    auto const installs = read("NODE_BOOTSTRAP_INSTALL_CONTAINER_RUNTIME", "true");
    if (installs != "true" && installs != "false")
        return wrong("NODE_BOOTSTRAP_INSTALL_CONTAINER_RUNTIME", "true or false");
    s.installs_runtime = installs == "true";
    s.runtime_package = read("NODE_BOOTSTRAP_CONTAINER_RUNTIME_PACKAGE", "docker.io");
    s.resolve_address = read("NODE_BOOTSTRAP_RESOLVE_ADDRESS");
    s.api_url = read("NODE_BOOTSTRAP_API_URL");
    s.node_api_url = read("NODE_BOOTSTRAP_NODE_API_URL");
    s.task_key = read("NODE_BOOTSTRAP_TASK_SIGNING_PUBLIC_KEY");
    s.agent_service = read("NODE_BOOTSTRAP_SERVICE", "adaos-agent.service");
    s.registry_file = read("NODE_BOOTSTRAP_REGISTRY_CREDENTIAL_FILE");
    if (auto fine = check_settings(s); fine.has_error()) return fine.error();
    return s;
}

}  // namespace adaos::api
