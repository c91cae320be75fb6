#pragma once
/// What `node join` prints.

#include "node/local_node.hpp"

#include <string>

namespace adaos::node {

struct Joined {
    std::string node_id, subnet_id, node_name, hub_url, root_url;
    std::string join_url;  ///< of the door that answered; empty: see `is_reused`
    Activation activation;
    /// It was a member already: nobody was asked, nothing changed.
    [[nodiscard]] bool is_reused() const { return join_url.empty(); }
};
/// adaos.join/v1
[[nodiscard]] std::string to_json(Joined const& joined);
[[nodiscard]] std::string to_text(Joined const& joined);

}  // namespace adaos::node
