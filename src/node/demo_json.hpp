#pragma once
/// What the demo reads from the answers of the commands it runs.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace adaos::node {

struct ServeFacts {
    std::string url;
};
[[nodiscard]] Result<ServeFacts> parse_serve_facts(std::string_view text);

struct CodeFacts {
    std::string code, subnet_id, ca_fingerprint;
};
[[nodiscard]] Result<CodeFacts> parse_code_facts(std::string_view text);

struct StatusFacts {
    std::string node_id, role;
    bool connected = false;  ///< to the hub, or a hub to Root
    std::string cause;
};
[[nodiscard]] Result<StatusFacts> parse_status_facts(std::string_view text);

}  // namespace adaos::node
