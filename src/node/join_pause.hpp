#pragma once
/// Whether a join that failed is tried again, and when. Pure.

#include "base/error.hpp"

#include <chrono>
#include <optional>

namespace adaos::node {

struct FailedKnock {
    Error error;
    bool may_pass = false;            ///< what blocks it goes away by itself
    std::chrono::milliseconds usual;  ///< the pause that is due without a word of the door
    std::chrono::milliseconds left;   ///< of the time to join in
};
/// The pause before the next knock; absent: give up. A door that is throttled says when it listens
/// again (Retry-After), and is asked again then if there is time for it.
[[nodiscard]] std::optional<std::chrono::milliseconds> pause_after(FailedKnock const& failed);

/// `error` with the time to come back, if the door told one, for the person who reads it.
[[nodiscard]] Error with_time_to_come_back(Error error);

}  // namespace adaos::node
