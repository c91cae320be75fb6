#include "base/json.hpp"
#include "base/problem.hpp"
#include "root/admin_commands.hpp"
#include "root/root_cli.hpp"

namespace adaos::root {

std::string pins_json(CaPins const& pins) {
    Json json;
    json["schema"] = "adaos.ca-fingerprint/v1";
    json["ok"] = true;
    json["ca_fingerprint"] = pins.signer;
    json["ca_file"] = pins.signer_file.string();
    json["trusted_fingerprints"] = pins.trusted;
    return dump(json) + "\n";
}

std::string subnet_removed_text(std::string const& text) {
    auto const json = parse_json(text);
    if (!json) return text;
    return "removed " + string_or_empty(*json, "subnet_id") + "; its hub was " +
           string_or_empty(*json, "node_id") + '\n';
}

Result<Serving> parse_serving(std::string_view text) {
    auto const json = parse_json(text);
    if (!json || !json->is_object()) return Error(Problem::state_damaged, "not JSON");
    auto const port = find_integer(*json, "port");
    Serving out;
    out.host = string_or_empty(*json, "host");
    out.url = string_or_empty(*json, "url");
    if (out.host.empty() || !port || *port < 1 || *port > UINT16_MAX)
        return Error(Problem::state_damaged, "no host and port");
    out.port = static_cast<std::uint16_t>(*port);
    return out;
}

}  // namespace adaos::root
