#include "enrol/throttle.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace adaos::enrol {
namespace {

constexpr char const* all_sources = "";

/// Milliseconds until a bucket that is full until `full_at` takes one more; not positive: now.
std::int64_t overfull(std::int64_t full_at, std::int64_t now, std::chrono::milliseconds leak,
                      int burst) {
    return full_at - now - (burst - 1) * leak.count();
}

}  // namespace

std::string throttle_source(std::string_view text) {
    boost::system::error_code failed;
    auto address = boost::asio::ip::make_address(text.substr(0, text.find('%')), failed);
    if (failed) return "?";
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
            .to_string();
    if (address.is_v4()) return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

Result<std::optional<std::int64_t>> Throttle::full_at(std::string_view source) {
    auto row = db_.prepare("SELECT full_at FROM failures WHERE source = ?1 AND last_at > ?2");
    row.bind(1, source).bind(2, to_millis(clock_.wall() - source_memory));
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<std::int64_t>();
    return std::optional(row.integer(0));
}

Result<std::optional<std::chrono::seconds>> Throttle::wait(std::string_view address) {
    auto const now = to_millis(clock_.wall());
    auto const own = full_at(throttle_source(address));
    if (own.has_error()) return own.error();
    if (!*own) return std::optional<std::chrono::seconds>();
    auto const total = full_at(all_sources);
    if (total.has_error()) return total.error();
    auto const left = std::max(overfull(**own, now, source_leak, source_burst),
                               overfull(total->value_or(0), now, total_leak, total_burst));
    if (left <= 0) return std::optional<std::chrono::seconds>();
    auto const most = (source_burst + source_depth) * source_leak.count();
    // A clock that went back must not shut anybody out for longer than the buckets are deep.
    return std::optional(
        std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(std::min(left, most))));
}

Result<void> Throttle::fill(std::string_view source, std::chrono::milliseconds leak, int depth,
                            std::int64_t now) {
    auto const top = now + depth * leak.count();
    auto put = db_.prepare(
        "INSERT INTO failures (source, full_at, last_at) VALUES (?1, ?2 + ?3, ?2) "
        "ON CONFLICT (source) DO UPDATE SET full_at = min(max(full_at, ?2) + ?3, ?4), last_at = "
        "?2");
    put.bind(1, source).bind(2, now).bind(3, std::int64_t{leak.count()}).bind(4, top);
    return put.run();
}

Result<void> Throttle::charge(std::string_view address) {
    auto const now = to_millis(clock_.wall());
    auto old = db_.prepare("DELETE FROM failures WHERE last_at < ?1");
    old.bind(1, now - std::chrono::milliseconds(source_memory).count());
    if (auto done = old.run(); done.has_error()) return done;
    auto const source = throttle_source(address);
    if (auto done = fill(source, source_leak, source_burst + source_depth, now); done.has_error())
        return done;
    // Row numbers only grow, so the smallest are the oldest.
    auto crowd = db_.prepare(
        "DELETE FROM failures WHERE source <> '' AND rowid <= (SELECT max(rowid) FROM failures) - "
        "?1");
    crowd.bind(1, max_sources);
    if (auto done = crowd.run(); done.has_error()) return done;
    // No deeper: an address that failed once waits for others no longer than a minute.
    return fill(all_sources, total_leak, total_burst + 1, now);
}

}  // namespace adaos::enrol
