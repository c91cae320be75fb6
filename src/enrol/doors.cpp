#include "enrol/doors.hpp"

#include <array>

namespace adaos::enrol {
namespace {

using P = Problem;

struct Row {
    P outcome;
    unsigned canonical, code, node, host, bootstrap;
};
// 0: as the table of problems has it.
constexpr std::array rows{
    Row{P::code_unknown, 401, 404, 401, 401, 404},
    Row{P::token_unknown, 401, 404, 401, 401, 404},
    Row{P::code_expired, 410, 410, 401, 410, 410},
    Row{P::grant_expired, 410, 410, 401, 410, 410},
    Row{P::code_used, 409, 409, 401, 409, 409},
    Row{P::grant_spent, 409, 409, 401, 409, 409},
    Row{P::grant_revoked, 410, 410, 401, 410, 410},
    Row{P::grant_bound, 403, 403, 400, 403, 403},
    Row{P::claim_mismatch, 403, 403, 400, 403, 403},
    Row{P::code_malformed, 400, 422, 400, 400, 400},
    Row{P::code_blank, 400, 422, 400, 400, 400},
    Row{P::invalid_field, 400, 422, 400, 400, 400},
};

unsigned status_of(Row const& row, Door door) {
    switch (door) {
        case Door::canonical: return row.canonical;
        case Door::code: return row.code;
        case Door::node: return row.node;
        case Door::host: return row.host;
        case Door::bootstrap: return row.bootstrap;
    }
    return 0;
}

}  // namespace

DoorAnswer answer_at(Door door, Error outcome) {
    for (auto const& row : rows) {
        if (outcome.code != row.outcome) continue;
        auto const status = status_of(row, door);
        // One text for unknown, expired, revoked and used up: existence does not leak.
        if (door == Door::node && status == 401) return {Error(P::token_refused), status};
        return {std::move(outcome), status};
    }
    auto const status = describe(outcome.code).http_status;
    return {std::move(outcome), status};
}

}  // namespace adaos::enrol
