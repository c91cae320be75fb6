#include "node/agent_material.hpp"

#include "base/problem.hpp"
#include "pki/authority.hpp"
#include "pki/pinned.hpp"
#include "store/atomic_file.hpp"

#include <algorithm>

namespace adaos::node {
namespace {

Error wrong(std::string const& path, std::string const& why) {
    return Error(Problem::state_damaged, path + ": " + why);
}

/// Present, and at most 1 MiB.
Result<std::string> read(std::string const& path) {
    auto text = store::read_file(path);
    if (!text) return text.error();
    if (!*text) return Error(Problem::state_unreadable, path + ": it is not there");
    return std::move(**text);
}

Result<pki::Key> read_key(std::string const& path, Secret& pem) {
    auto text = store::read_secret(path);
    if (!text) return text.error();
    if (!*text) return Error(Problem::state_unreadable, path + ": it is not there");
    pem = Secret(std::move(**text));
    auto key = pki::Key::from_pem(pem);
    if (!key) return wrong(path, "it is no private key");
    return key;
}

/// Where bootstrap puts them: three files of these names in one folder.
bool is_agent_folder(AgentConfig const& config) {
    auto const folder = agent_folder(config);
    return config.key_path == folder.key().string() && config.cert_path == folder.cert().string() &&
           config.ca_path == folder.ca().string();
}

}  // namespace

AgentFolder agent_folder(AgentConfig const& config) {
    return {std::filesystem::path(config.key_path).parent_path()};
}

Result<AgentMaterial> load_agent_material(std::filesystem::path const& config_path, WallTime now) {
    AgentMaterial out;
    auto const yaml = read(config_path.string());
    if (!yaml) return yaml.error();
    auto config = parse_agent_yaml(*yaml);
    if (!config) return with_context(config.error(), config_path.string());
    out.config = std::move(*config);
    out.is_renewable = is_agent_folder(out.config);
    if (out.is_renewable) {
        auto const settled = finish_staged(agent_folder(out.config));
        if (!settled) return settled.error();
    }

    auto const& paths = out.config;
    auto const key = read_key(paths.key_path, out.key_pem);
    if (!key) return key.error();
    auto cert = read(paths.cert_path);
    if (!cert) return cert.error();
    auto ca = read(paths.ca_path);
    if (!ca) return ca.error();
    auto const leaf = pki::Certificate::from_pem(*cert);
    if (!leaf) return wrong(paths.cert_path, "it is no certificate");
    auto const cas = pki::certificates_from_pem(*ca);
    if (!cas || cas->size() != 1 || !cas->front().is_ca())
        return wrong(paths.ca_path, "one CA certificate is needed");
    if (!leaf->matches(*key))
        return wrong(paths.cert_path, "the certificate is not for the key in " + paths.key_path);
    if (now < leaf->not_before())
        return wrong(paths.cert_path, "valid from " + rfc3339(leaf->not_before()) + " only");
    // Everything but its end counts here.
    auto const last = leaf->not_after() - std::chrono::seconds(1);
    auto const issued = pki::verify_issued(*cert, cas->front(), std::min<WallTime>(now, last));
    if (!issued)
        return wrong(paths.cert_path,
                     "not signed by " + paths.ca_path + ": " + issued.error().context);
    auto const who = leaf->node();
    if (!who) return wrong(paths.cert_path, "it is no node's certificate");
    out.who = *who;
    out.cert_fingerprint = leaf->fingerprint();
    out.renew_at = pki::half_life(*leaf);
    out.ends_at = leaf->not_after();
    out.ca_fingerprint = cas->front().fingerprint();
    out.cert_pem = std::move(*cert);
    out.ca_pem = std::move(*ca);
    return out;
}

}  // namespace adaos::node
