#include "enrol/refusals.hpp"

namespace adaos::enrol {
namespace {

constexpr char const* others = "others";

AuditRow row_of(Refusal const& refusal, std::int64_t count, WallTime now) {
    AuditRow row;
    row.at = now;
    row.event = "refused";
    row.actor = refusal.source;
    row.detail =
        "reason=" + refusal.reason + " door=" + refusal.door + " count=" + std::to_string(count);
    return row;
}

}  // namespace

std::vector<AuditRow> Refusals::count(Refusal const& refusal, WallTime now) {
    if (auto const known = more_.find(refusal); known != more_.end()) {
        ++known->second;
        return {};
    }
    if (more_.size() >= max_refusal_kinds) {
        ++by_reason_[refusal.reason];
        return {};
    }
    more_.emplace(refusal, 0);
    return {row_of(refusal, 1, now)};
}

std::vector<AuditRow> Refusals::end(WallTime now) {
    std::vector<AuditRow> rows;
    for (auto const& [refusal, count] : more_)
        if (count > 0) rows.push_back(row_of(refusal, count, now));
    for (auto const& [reason, count] : by_reason_)
        rows.push_back(row_of({others, others, reason}, count, now));
    more_.clear();
    by_reason_.clear();
    return rows;
}

}  // namespace adaos::enrol
