#include "base/json.hpp"
#include "node/cli.hpp"

#ifndef ADAOS_COMMIT
#define ADAOS_COMMIT "unknown"
#endif

namespace adaos::node {

std::string version_text(bool json) {
    if (!json) return "adaos " ADAOS_VERSION "\n";
    Json out;
    out["schema"] = "adaos.version/v1";
    out["name"] = "adaos";
    out["version"] = ADAOS_VERSION;
    out["commit"] = ADAOS_COMMIT;
    out["protocol"] = {{"least", 1}, {"most", 1}};
    return dump(out) + "\n";
}

}  // namespace adaos::node
