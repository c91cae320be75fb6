#include "base/json.hpp"
#include "trail/audit_commands.hpp"

namespace adaos::trail {

std::string verdict_json(std::int64_t rows, std::string const& head) {
    Json json;
    json["schema"] = "adaos.audit-verdict/v1";
    json["ok"] = true;
    json["rows"] = rows;
    json["head"] = head;
    return dump(json) + "\n";
}

}  // namespace adaos::trail
