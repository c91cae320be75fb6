#include "node/join_pause.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::join_pause_test {

using namespace adaos::node;
using namespace std::chrono_literals;

namespace {

FailedKnock throttled(int seconds, std::chrono::milliseconds left) {
    Error error(Problem::code_throttled, "too many");
    error.retry_after_seconds = seconds;
    return {std::move(error), false, 1s, left};
}

}  // namespace

TEST_CASE("a throttled door is asked again when it said, if there is time", "[node][join]") {
    CHECK(pause_after(throttled(20, 21s)) == 20s);
    CHECK_FALSE(pause_after(throttled(20, 20s)));
    CHECK_FALSE(pause_after(throttled(20, 0s)));
}

TEST_CASE("a throttled door that does not say when is not asked again", "[node][join]") {
    CHECK_FALSE(pause_after(throttled(0, 1h)));
    CHECK_FALSE(pause_after(throttled(-5, 1h)));
}

TEST_CASE("what passes by itself is tried again after the usual pause", "[node][join]") {
    Error away(Problem::unreachable);
    away.retry_after_seconds = 100;

    CHECK(pause_after({away, true, 3s, 10s}) == 3s);
    CHECK_FALSE(pause_after({away, true, 3s, 3s}));
    CHECK_FALSE(pause_after({away, false, 3s, 10s}));
    CHECK_FALSE(pause_after({Error(Problem::code_used), false, 3s, 10s}));
}

TEST_CASE("who gives up at a throttled door is told when to come back", "[node][join]") {
    CHECK(with_time_to_come_back(throttled(57, 1s).error).context == "too many; try again in 57 s");
    CHECK(with_time_to_come_back(Error(Problem::code_throttled, "x")).context == "x");
}

}  // namespace adaos::join_pause_test
