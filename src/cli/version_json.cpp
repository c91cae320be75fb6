#include "base/json.hpp"
#include "cli/version.hpp"

namespace adaos::cli {

std::string version_text(std::string_view program, bool json) {
    if (!json) return std::string(program) + " " ADAOS_VERSION "\n";
    Json out;
    out["schema"] = "adaos.version/v1";
    out["name"] = program;
    out["version"] = ADAOS_VERSION;
    if (*commit != '\0') out["commit"] = commit;
    out["protocol"] = {{"least", 1}, {"most", 1}};
    return dump(out) + "\n";
}

}  // namespace adaos::cli
