#include "api/refusal_log.hpp"

#include "base/problem.hpp"
#include "enrol/throttle.hpp"

#include <iterator>
#include <utility>

namespace adaos::api {
namespace {

/// A store that has no room for minutes: older rows are kept, newer ones are not.
constexpr std::size_t max_late_rows = 256;

Result<void> append_all(store::Database& db, std::vector<enrol::AuditRow> const& rows) {
    return db.transaction<void>([&]() -> Result<void> {
        for (auto const& row : rows)
            if (auto done = enrol::append_audit(db, row); !done) return done;
        return {};
    });
}

}  // namespace

RefusalLog::~RefusalLog() {
    write(refusals_.end(clock_.wall()));
}

void RefusalLog::add(std::string const& address, std::string const& door, Error const& why) {
    auto const& problem = describe(why.code);
    if (problem.http_status >= 500) return;
    enrol::Refusal const refusal{enrol::throttle_source(address), door, std::string(problem.slug)};
    write(refusals_.count(refusal, clock_.wall()));
    if (!window_) window_ = timers_.call_after(enrol::refusal_window, [this] { end_window(); });
}

void RefusalLog::end_window() {
    window_.reset();
    write(refusals_.end(clock_.wall()));
    if (!late_.empty())
        window_ = timers_.call_after(enrol::refusal_window, [this] { end_window(); });
}

void RefusalLog::write(std::vector<enrol::AuditRow> rows) {
    rows.insert(rows.begin(), std::make_move_iterator(late_.begin()),
                std::make_move_iterator(late_.end()));
    late_.clear();
    if (rows.empty()) return;
    // A store that fails has said so to those who wait for it; these rows are lost, and judged
    // was nobody.
    bool const is_queued = post_([rows](store::Database& db) { (void)append_all(db, rows); });
    if (is_queued) return;
    if (rows.size() > max_late_rows) rows.resize(max_late_rows);
    late_ = std::move(rows);
}

}  // namespace adaos::api
