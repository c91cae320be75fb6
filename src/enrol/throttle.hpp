#pragma once
/// How fast wrong secrets may come: a leaky bucket for each source address and one for all of them
/// together, kept in the store so that a restart forgives nothing. Good ones cost nothing. Guesses
/// that are open at the same time are counted when each has ended: in t seconds from one source at
/// most t + source_burst + source_depth are judged.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/database.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace adaos::enrol {

/// One failure a second from one source, five at once (decisions, Join codes).
inline constexpr std::chrono::milliseconds source_leak{1000};
inline constexpr int source_burst = 5;
/// Most guesses of one source that may be open at once (64 machines behind one address join at
/// once, with room): its bucket holds them all, should they all be wrong.
inline constexpr int source_depth = 128;
/// One failure a second over all, sixty at once.
inline constexpr std::chrono::milliseconds total_leak{1000};
inline constexpr int total_burst = 60;
/// A source without a failure for so long is a clean one again.
inline constexpr std::chrono::hours source_memory{1};
/// Most sources remembered; the oldest go first.
inline constexpr std::int64_t max_sources = 100'000;

/// The address by which failures are counted: IPv4 as it is, IPv6 by its /64, "?" for no address.
[[nodiscard]] std::string throttle_source(std::string_view address);

class Throttle {
public:
    Throttle(store::Database& db, Clock const& clock) : db_(db), clock_(clock) {}

    /// How long this address must wait, in whole seconds; absent: it may try now. The bucket of all
    /// stops only addresses that have failed before: nobody locks out somebody else.
    [[nodiscard]] Result<std::optional<std::chrono::seconds>> wait(std::string_view address);
    /// One wrong secret from there. Inside the caller's transaction.
    [[nodiscard]] Result<void> charge(std::string_view address);

private:
    [[nodiscard]] Result<std::optional<std::int64_t>> full_at(std::string_view source);
    [[nodiscard]] Result<void> fill(std::string_view source, std::chrono::milliseconds leak,
                                    int depth, std::int64_t now);
    store::Database& db_;
    Clock const& clock_;
};

}  // namespace adaos::enrol
