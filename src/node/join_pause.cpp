#include "node/join_pause.hpp"

#include "base/problem.hpp"

namespace adaos::node {

std::optional<std::chrono::milliseconds> pause_after(FailedKnock const& failed) {
    auto const told = std::chrono::seconds(failed.error.retry_after_seconds);
    bool const is_throttled = failed.error.code == Problem::code_throttled;
    if (is_throttled && told.count() <= 0) return std::nullopt;
    if (!is_throttled && !failed.may_pass) return std::nullopt;
    std::chrono::milliseconds const pause = is_throttled ? told : failed.usual;
    if (pause >= failed.left) return std::nullopt;
    return pause;
}

Error with_time_to_come_back(Error error) {
    if (error.retry_after_seconds <= 0) return error;
    if (!error.context.empty()) error.context += "; ";
    error.context += "try again in " + std::to_string(error.retry_after_seconds) + " s";
    return error;
}

}  // namespace adaos::node
