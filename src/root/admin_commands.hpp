#pragma once
/// The commands of `adaos-root` beside `serve`: each returns what is to be printed.

#include "base/error.hpp"
#include "root/root_files.hpp"

#include <cstdint>
#include <string>

namespace adaos::root {

/// `adaos-root subnet remove`: by the running Root, so that the hub's link ends at once; without
/// one, in its database. The JSON answer (adaos.subnet-removed/v1). Errors: subnet_unknown,
/// state_unreadable when no Root was ever started here, the network's.
[[nodiscard]] Result<std::string> remove_subnet(RootDir const& dir, std::string const& subnet_id);
[[nodiscard]] std::string subnet_removed_text(std::string const& json);

struct RotateOptions {
    bool activate = false;
    bool finish = false;
    bool now = false;  ///< with finish: without waiting for every node to have renewed
};
/// `adaos-root ca rotate`: text, or with `json` adaos.ca-rotation/v1. Returns when a Root that runs
/// serves with it. Errors: ca_set.hpp's; timed_out when it was not seen to.
[[nodiscard]] Result<std::string> rotate_ca(RootDir const& dir, RotateOptions const& options,
                                            bool json);

/// state/serve.json. Errors: state_damaged.
struct Serving {
    std::string host;
    std::uint16_t port = 0;
    std::string url;
};
[[nodiscard]] Result<Serving> parse_serving(std::string_view text);

}  // namespace adaos::root
