#pragma once
/// Attempts that were refused before any secret was judged: too many from an address, or an order
/// of the wrong form. Each has its reason in the audit trail, but counted: whoever sends a million
/// makes a few rows. Pure. Rules: docs/protocol/join.md, Audit.

#include "base/clock.hpp"
#include "enrol/audit.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace adaos::enrol {

/// After the first of its kind, refusals of one window are one row.
inline constexpr std::chrono::seconds refusal_window{60};
/// Most kinds (source, door and reason) that a window tells apart; the rest is summed by reason.
inline constexpr std::size_t max_refusal_kinds = 16;

struct Refusal {
    std::string source;  ///< an address, or the network that the throttle counts as one
    std::string door;    ///< the route
    std::string reason;  ///< the problem's slug: one of our own words
    auto operator<=>(Refusal const&) const = default;
};

class Refusals {
public:
    /// One more. The row that is to be written now, when it is the first of its kind.
    [[nodiscard]] std::vector<AuditRow> count(Refusal const& refusal, WallTime now);
    /// The window is over, the next one begins with the next refusal: a row for each kind of which
    /// there were more, one for each reason of the rest.
    [[nodiscard]] std::vector<AuditRow> end(WallTime now);

private:
    std::map<Refusal, std::int64_t> more_;           // after the first
    std::map<std::string, std::int64_t> by_reason_;  // of no kind that is told apart
};

}  // namespace adaos::enrol
