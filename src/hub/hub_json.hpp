#pragma once
/// JSON of the hub's API and of its calls to Root.

#include "enrol/access.hpp"
#include "enrol/grants.hpp"
#include "link/downlinks.hpp"
#include "link/uplink.hpp"
#include "registry/nodes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace adaos::hub {

[[nodiscard]] Result<std::vector<registry::Node>> parse_nodes_answer(std::string_view text);

[[nodiscard]] std::string arrived_params(std::vector<std::string> const& node_ids);

struct CodeRequest {
    int ttl_minutes = 15;
    int length = 8;
    bool local = false;
};
[[nodiscard]] Result<CodeRequest> parse_code_request(std::string_view body);

/// The answer to POST /api/node/join-code. Of Root's answer the fields are taken over.
struct CodeAnswer {
    std::string mode, code, subnet_id, root_url, expires_at_utc, ca_fingerprint, grant_id;
};
[[nodiscard]] Result<CodeAnswer> parse_root_code(std::string_view text);
[[nodiscard]] std::string code_json(CodeAnswer const& answer);

struct HubStatus {
    std::string node_id, subnet_id, name;
    bool registered = false;  ///< at a Root
    bool draining = false;
    bool root_connected = false;
    link::UplinkState root;
};
[[nodiscard]] std::string status_json(HubStatus const& status);

[[nodiscard]] std::string members_json(std::string const& subnet_id,
                                       std::vector<registry::Node> const& nodes,
                                       link::Downlinks const& links);

}  // namespace adaos::hub
