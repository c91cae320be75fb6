#pragma once
/// `link{…}` of a node's status.

#include "base/json.hpp"
#include "link/uplink.hpp"

namespace adaos::link {

[[nodiscard]] Json to_json(UplinkState const& state);

}  // namespace adaos::link
