#include "api/bootstrap_script.hpp"

#include "base/bytes.hpp"
#include "bootstrap_texts.hpp"  // generated: bootstrap/

#include <algorithm>
#include <map>

namespace adaos::api {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

/// Puts the values in place of `@NAME@`, in one pass: what a value says is not looked at again.
std::string fill(std::string_view text, Values const& values) {
    std::string out;
    for (;;) {
        auto const at = text.find('@');
        out += text.substr(0, at);
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at);
        auto const end = text.find('@', 1);
        auto const name =
            end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
        auto const value = values.find(name);
        if (value == values.end()) {
            out += '@';
            text.remove_prefix(1);
        } else {
            out += value->second;
            text.remove_prefix(end + 1);
        }
    }
}

std::string base64_text(std::string_view text) {
    return to_base64(as_bytes(text));
}

/// The node's environment file: where things are, and nothing secret.
std::string environment_of(ScriptFacts const& facts) {
    std::string out = "# Written by the bootstrap script; it is replaced when that runs again.";
    auto const line = [&](char const* key, std::string_view value) {
        out += "\nGPUAAS_" + std::string(key) + "=" + environment_quoted(value);
    };
    line("NODE_ID", facts.node_id);
    line("NODE_API_URL", facts.node_api_url);
    line("CONTROL_PLANE_URL", facts.api_url);
    line("TASK_SIGNING_PUBLIC_KEY", facts.task_key);
    line("TRUST_BUNDLE_VERSION", facts.trust_version);
    line("CA_BUNDLE", "/etc/gpuaas/ca-bundle.crt");
    line("NODE_CA_BUNDLE", "/etc/gpuaas/node-ca-bundle.crt");
    line("BOOTSTRAP_TOKEN_FILE", "/etc/gpuaas/bootstrap-token");
    line("NODE_CERT", "/etc/gpuaas/node.crt");
    line("NODE_KEY", "/etc/gpuaas/node.key");
    line("INSTALL_ROOT", "/opt/gpuaas");
    line("INSTALL_CURRENT", "/opt/gpuaas/current");
    return out;
}

Values first_hop_values(ScriptFacts const& facts, std::string_view script_sha256) {
    return {{"API_URL", shell_quoted(facts.api_url)},
            {"API_HOST", shell_quoted(facts.api_host)},
            {"API_PORT", shell_quoted(facts.api_port)},
            {"RESOLVE_ADDRESS", shell_quoted(facts.resolve_address)},
            {"HTTPS_CA", shell_quoted(facts.https_ca_pem)},
            {"SCRIPT_SHA256", shell_quoted(script_sha256)}};
}

}  // namespace

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (auto const c : text) {
        if (c == '\'')
            out += "'\\''";
        else if (c != '\0')
            out += c;
    }
    return out + "'";
}

std::string environment_quoted(std::string_view text) {
    std::string out = "\"";
    for (auto const c : text) {
        if (c == '"' || c == '\\' || c == '`' || c == '$') out += '\\';
        bool const is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        out += is_control ? ' ' : c;
    }
    return out + "\"";
}

std::string render_node_script(ScriptFacts const& facts) {
    auto values = first_hop_values(facts, "");
    auto const put = [&](char const* key, std::string_view value) {
        values[key] = shell_quoted(value);
    };
    put("NODE_ID", facts.node_id);
    put("NODE_NAME", facts.node_name);
    put("TOKEN", facts.token.reveal());
    put("TRUST_VERSION", facts.trust_version);
    put("TRUST_BUNDLE", facts.trust_bundle_pem);
    put("ENVIRONMENT", environment_of(facts));
    put("PACKAGE_REF", facts.package_ref);
    put("PACKAGE_DIGEST", facts.package_digest);
    put("INSTALL_RUNTIME", facts.installs_runtime ? "true" : "false");
    put("RUNTIME_PACKAGE", facts.runtime_package);
    put("SERVICE", facts.service);
    return fill(node_script_text, values);
}

std::string render_user_data(ScriptFacts const& facts, std::string_view script_sha256) {
    auto const first_hop = fill(first_hop_text, first_hop_values(facts, script_sha256));
    Values const values{{"TOKEN_FILE", base64_text(facts.token.reveal() + "\n")},
                        {"TRUST_FILE", base64_text(facts.trust_bundle_pem)},
                        {"FIRST_HOP_FILE", base64_text(first_hop)}};
    return fill(user_data_text, values);
}

std::string render_command(ScriptFacts const& facts, std::string_view script_sha256) {
    std::string out = "(set -e; umask 077; d=$(mktemp -d); trap 'rm -rf \"$d\"' EXIT\n";
    out += "printf 'X-Bootstrap-Token: %s\\n' " + shell_quoted(facts.token.reveal());
    out += " >\"$d/header\"\nprintf '%s' " + shell_quoted(facts.https_ca_pem) + " >\"$d/ca\"\n";
    out += "curl --proto '=https' -fsS ";
    if (!facts.https_ca_pem.empty()) out += "--cacert \"$d/ca\" ";
    if (!facts.resolve_address.empty())
        out += "--resolve " +
               shell_quoted(facts.api_host + ":" + facts.api_port + ":" + facts.resolve_address) +
               " ";
    out += "-H \"@$d/header\" -o \"$d/script\" -- ";
    out += shell_quoted(facts.api_url + "/api/v1/bootstrap/nodes/self/script?format=sh") + "\n";
    out += "echo " + shell_quoted(script_sha256) + "\"  $d/script\" | sha256sum --check --quiet\n";
    return out + "sudo bash \"$d/script\")\n";
}

}  // namespace adaos::api
