#pragma once
/// What the demo reads from the answers of the commands it runs, and what it prints. Pure.

#include "base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

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

struct DemoReport {
    struct Node {
        std::string name, url;  ///< through Root
    };
    std::string subnet_id, root_url, ca_file, ca_fingerprint;
    std::vector<Node> nodes;
    std::chrono::milliseconds took{};
};
/// adaos.demo/v1: where everything is, while it runs.
[[nodiscard]] std::string demo_json(DemoReport const& report);
/// adaos.demo-check/v1: who answered. No addresses, they are gone.
[[nodiscard]] std::string demo_check_json(DemoReport const& report);
[[nodiscard]] std::string demo_check_text(DemoReport const& report);

}  // namespace adaos::node
