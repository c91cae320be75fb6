#include "base/json.hpp"
#include "root/ca_set.hpp"

namespace adaos::root {
namespace {

std::vector<std::string> trusted(CaSet const& set) {
    return pki::fingerprints_from_pem(set.trusted_pem);
}

}  // namespace

std::string ca_set_json(CaSet const& set) {
    Json json;
    json["schema"] = "adaos.ca-rotation/v1";
    json["ok"] = true;
    json["phase"] = phase_name(set.phase);
    json["signer_fingerprint"] = set.signer_ca.fingerprint();
    json["trusted_fingerprints"] = trusted(set);
    return dump(json) + "\n";
}

std::string ca_set_text(CaSet const& set) {
    std::string next = "one CA; adaos-root ca rotate makes the next one";
    if (set.phase == CaPhase::prepared)
        next = "the next CA is trusted, the old one signs; next: adaos-root ca rotate --activate";
    if (set.phase == CaPhase::active)
        next =
            "the new CA signs, the old one is trusted; next, when all nodes have renewed: "
            "adaos-root ca rotate --finish";
    auto out = "phase    " + std::string(phase_name(set.phase)) + ": " + next + "\nsigns    " +
               set.signer_ca.fingerprint() + '\n';
    for (auto const& one : trusted(set)) out += "trusted  " + one + '\n';
    return out;
}

}  // namespace adaos::root
