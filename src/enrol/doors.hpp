#pragma once
/// The doors through which grants are redeemed, and what each answers: one outcome inside, the
/// words and statuses of the systems whose users know them outside (spec 5.6). Pure.

#include "base/error.hpp"
#include "base/problem.hpp"

namespace adaos::enrol {

enum class Door {
    canonical,  ///< POST /v1/enrol
    code,       ///< POST /v1/subnets/join, POST /api/node/join
    node,       ///< POST /v1/nodes/join: a dead token is never told from an unknown one
    host,       ///< POST /api/v1/hosts/register
    bootstrap,  ///< /api/v1/bootstrap/nodes/{token}/…
};

struct DoorAnswer {
    Error error;  ///< what is told; the audit has the truth
    unsigned status = 500;
};
[[nodiscard]] DoorAnswer answer_at(Door door, Error outcome);

}  // namespace adaos::enrol
