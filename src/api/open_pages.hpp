#pragma once
/// What every server of ours answers to everybody: ping, health, a page that says who is there, the
/// description of all routes, and what each error means.

#include "api/router.hpp"
#include "base/clock.hpp"

#include <functional>
#include <optional>
#include <string>

namespace adaos::api {

struct Self {
    std::string service;  ///< "adaos-root" or "adaos-node"
    std::string node_id;
    std::string name;
    std::string role;
    std::string subnet_id;
};

/// `/`, `/healthz`, `/api/ping`, `/api/v1/openapi.yaml` and the pages of errors. `clock` outlives
/// the router.
void add_open_pages(Router& router, std::function<Self()> self, Clock const& clock);

/// A JSON request body. Errors: media_type; body_too_large and others of read_body.
net::Task<Result<std::string>> read_json_body(net::Exchange& exchange);
/// The same; nullopt: the error is answered.
net::Task<std::optional<std::string>> json_body(net::Exchange& exchange);
inline constexpr std::size_t max_json_body = 64 * 1024;

/// 201 with a Location below `folder`, which is relative to what was asked: through a relay it
/// leads to the same server. Without one when `json` has no such member.
struct Created {
    std::string folder;          ///< "../grants/"
    std::string_view id_member;  ///< of `json`: the id, the last part
    std::string query = {};      ///< "?authority=root"
};
net::Task<void> answer_created(net::Exchange& exchange, std::string json, Created created);
/// A problem whose body is made already, with its `details`.
net::Task<void> answer_problem_json(net::Exchange& exchange, unsigned status, std::string json);

/// 204.
net::Task<void> answer_nothing(net::Exchange& exchange);

/// What is wrong with our own disk or settings is for our log: a caller would take it for its own,
/// and learns no more than a setting's name.
[[nodiscard]] Error without_ours(Error error);
/// Answers with the problem, with Retry-After where the status wants one.
net::Task<void> answer_error(net::Exchange& exchange, Error error);

}  // namespace adaos::api
