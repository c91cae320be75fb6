#pragma once
/// What an HTTP answer of a Root, a hub or our own node means.

#include "base/error.hpp"
#include "net/fetch.hpp"

#include <string>

namespace adaos::node {

/// True when the body is a problem of ours: another kind of server would not know its id.
[[nodiscard]] bool is_problem(net::Reply const& reply);

/// True when an authority said it: a problem of ours, or AdaOS's `{"detail": "..."}`. Another's
/// refusal, a proxy's, says nothing of what an authority did.
[[nodiscard]] bool is_of_authority(net::Reply const& reply);

/// True when the body is a problem (or AdaOS's `detail`) that only a join door gives: the route is
/// there, whatever the status says.
[[nodiscard]] bool is_join_refusal(net::Reply const& reply);

/// The problem an answer that is no success stands for: by its `code`, else by its status as a join
/// door's. The context is its `detail`; with it, when to come back, if the answer tells.
[[nodiscard]] Error problem_of(net::Reply const& reply);

/// The same of an answer at a join door: not_adaos when it is no authority's; of a gateway whose
/// server is away what its status says.
[[nodiscard]] Error join_problem_of(net::Reply const& reply);

/// `fields` with Content-Type: application/json and Accept, for a POST.
[[nodiscard]] net::Fields json_fields();

}  // namespace adaos::node
