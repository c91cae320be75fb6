#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/names.hpp"
#include "base/random.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>

namespace adaos::time_test {

using namespace std::chrono_literals;

namespace {

/// Gives the 64-bit words it was told, most significant byte first.
class Scripted final : public Random {
public:
    explicit Scripted(std::deque<std::uint64_t> words) : words_(std::move(words)) {}
    void fill(std::span<std::byte> out) override {
        REQUIRE(out.size() == 8);
        REQUIRE_FALSE(words_.empty());
        for (std::size_t i = 0; i < 8; ++i)
            out[i] = static_cast<std::byte>(words_.front() >> (56 - 8 * i) & 0xff);
        words_.pop_front();
    }
    [[nodiscard]] std::size_t left() const { return words_.size(); }

private:
    std::deque<std::uint64_t> words_;
};

}  // namespace

TEST_CASE("a random number is below its bound and every one comes", "[base][random]") {
    test::SeededRandom random;
    std::map<std::uint64_t, int> seen;

    for (int i = 0; i < 7000; ++i) ++seen[random.below(7)];

    CHECK(seen.size() == 7);
    for (auto const& [value, times] : seen) {
        CHECK(value < 7);
        CHECK(times > 800);
        CHECK(times < 1200);
    }
    CHECK(random.below(1) == 0);
}

TEST_CASE("values that would favour small numbers are thrown away", "[base][random]") {
    // 2^64 = 16 (mod 100): the last whole hundred ends at 2^64 - 16.
    Scripted random({UINT64_MAX, UINT64_MAX - 15, UINT64_MAX - 16, 5});

    CHECK(random.below(100) == 99);
    CHECK(random.left() == 1);
}

TEST_CASE("random hex and ids have their forms", "[base][random]") {
    SystemRandom random;
    std::set<std::string> seen;

    for (int i = 0; i < 100; ++i) {
        auto const id = random.uuid();
        CHECK(is_node_id(id));
        CHECK(id[14] == '4');
        CHECK(std::string_view("89ab").find(id[19]) != std::string_view::npos);
        seen.insert(id);
    }

    CHECK(seen.size() == 100);
    CHECK(random.hex(4).size() == 8);
    CHECK(random.hex(0).empty());
}

TEST_CASE("times are written as RFC 3339 in UTC and read back", "[base][clock]") {
    WallTime const t(1'795'269'780'123ms);

    CHECK(rfc3339(t) == "2026-11-21T14:03:00Z");
    CHECK(parse_rfc3339("2026-11-21T14:03:00Z") == WallTime(1'795'269'780'000ms));
    CHECK(rfc3339(WallTime()) == "1970-01-01T00:00:00Z");
    CHECK(rfc3339(WallTime(-1ms)) == "1969-12-31T23:59:59Z");
    CHECK(parse_rfc3339("2024-02-29T23:59:59Z") != WallTime());
    CHECK(from_millis(to_millis(t)) == t);
}

TEST_CASE("a text that is not a time of ours reads as the epoch", "[base][clock]") {
    for (auto const* const bad :
         {"", "now", "2026-11-21", "2026-11-21T14:03:00", "2026-11-21T14:03:00+01:00",
          "2026-11-21T14:03:00.5Z", "2026-11-21T14:03:00Z ", " 2026-11-21T14:03:00Z",
          "2026-13-21T14:03:00Z", "2026-02-31T00:00:00Z", "2026-1-1T00:00:00Z",
          "2026-11-21T24:00:00Z"}) {
        CAPTURE(bad);
        CHECK(parse_rfc3339(bad) == WallTime());
    }
}

TEST_CASE("the system's clocks run", "[base][clock]") {
    SystemClock const clock;

    CHECK(clock.wall() > WallTime(1'700'000'000'000ms));
    auto const before = clock.steady();
    CHECK((before <= clock.steady()));
}

TEST_CASE("pauses grow from one second to four and stay there", "[base][backoff]") {
    constexpr std::array<std::uint64_t, 5> caps{1000, 2000, 4000, 4000, 4000};
    // `below(n)` of 0 is the shortest pause of a step, of n - 1 the longest.
    std::deque<std::uint64_t> lowest(caps.size(), 0);
    std::deque<std::uint64_t> highest;
    for (auto const cap : caps) highest.push_back(cap - cap / 10);
    Scripted low_random(lowest);
    Scripted high_random(highest);
    Backoff low(low_random);
    Backoff high(high_random);

    for (auto const cap : caps) {
        CHECK(low.next() == std::chrono::milliseconds(cap / 10));
        CHECK(high.next() == std::chrono::milliseconds(cap));
    }
}

TEST_CASE("pauses differ, within their step", "[base][backoff]") {
    test::SeededRandom random;
    std::set<std::chrono::milliseconds> first;

    for (int i = 0; i < 1000; ++i) {
        Backoff backoff(random);
        auto const pause = backoff.next();
        CHECK(pause >= 100ms);
        CHECK(pause <= 1000ms);
        first.insert(pause);
    }

    CHECK(first.size() > 400);
}

TEST_CASE("a thousand that wait for one upstream come spread out", "[base][backoff]") {
    test::SeededRandom random;
    constexpr auto back = 60'000ms;
    constexpr auto slot = 100ms;
    std::map<std::int64_t, int> arrivals;

    for (int i = 0; i < 1000; ++i) {
        Backoff backoff(random);
        auto at = 0ms;  // all of them lose it at once
        while (at < back) at += backoff.next();
        ++arrivals[(at - back) / slot];
    }

    auto const slots = arrivals.rbegin()->first + 1;
    auto const fuller = [](auto const& a, auto const& b) { return a.second < b.second; };
    auto const peak = std::max_element(arrivals.begin(), arrivals.end(), fuller)->second;
    CHECK(slots <= 40);
    CHECK(peak < 3 * 1000 / slots);
}

TEST_CASE("after a success the next pause is a first one again", "[base][backoff]") {
    Scripted random({900, 1800, 900});
    Backoff backoff(random);
    CHECK(backoff.next() == 1000ms);
    CHECK(backoff.next() == 2000ms);

    backoff.reset();

    CHECK(backoff.next() == 1000ms);
}

}  // namespace adaos::time_test
