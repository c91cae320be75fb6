#include "api/machine_desk.hpp"

#include "api/open_pages.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

namespace adaos::api {

net::Task<void> answer_at_door(net::Exchange& exchange, enrol::Door door, Error outcome) {
    net::Fields extra;
    if (outcome.retry_after_seconds > 0)
        extra.add("Retry-After", std::to_string(outcome.retry_after_seconds));
    auto answer = enrol::answer_at(door, without_ours(std::move(outcome)));
    (void)co_await net::respond_problem_as(exchange, answer.status, std::move(answer.error),
                                           std::move(extra));
}

Result<std::string> subnet_of_order(std::string const& own, std::string const& named) {
    if (!own.empty() && !named.empty() && own != named)
        return Error(Problem::forbidden, "machines of " + named);
    auto const& subnet = own.empty() ? named : own;
    if (!is_subnet_id(subnet))
        return Error(Problem::invalid_field, "subnet_id: which subnet (adaos: --subnet sn_...)");
    return subnet;
}

}  // namespace adaos::api
