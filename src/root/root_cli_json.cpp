#include "base/json.hpp"
#include "root/audit_commands.hpp"
#include "root/root_cli.hpp"

namespace adaos::root {

std::string fingerprint_json(std::string const& pin, std::string const& ca_file) {
    Json json;
    json["schema"] = "adaos.ca-fingerprint/v1";
    json["ok"] = true;
    json["ca_fingerprint"] = pin;
    json["ca_file"] = ca_file;
    return dump(json) + "\n";
}

std::string verdict_json(std::int64_t rows, std::string const& head) {
    Json json;
    json["schema"] = "adaos.audit-verdict/v1";
    json["ok"] = true;
    json["rows"] = rows;
    json["head"] = head;
    return dump(json) + "\n";
}

}  // namespace adaos::root
