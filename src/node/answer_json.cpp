#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/answer.hpp"

#include <algorithm>
#include <cstdint>

namespace adaos::node {
namespace {

/// Longest `detail` of a peer that is shown.
constexpr std::size_t max_detail = 300;

/// Longest time to come back that is believed.
constexpr std::int64_t max_retry_seconds = 24 * 3600;

struct Told {
    ProblemInfo const* info = nullptr;
    std::string detail;
    int retry_seconds = 0;  ///< 0: it does not say when
    bool is_adaos = false;  ///< AdaOS's form: a detail, and nothing else of RFC 9457
};

Told read_problem(std::string const& body) {
    Told told;
    auto const json = parse_json(body);
    if (!json) return told;
    told.info = find_problem(string_or_empty(*json, "code"));
    told.detail = string_or_empty(*json, "detail").substr(0, max_detail);
    auto const retry = find_integer(*json, "retry_after_seconds").value_or(0);
    told.retry_seconds = static_cast<int>(std::clamp<std::int64_t>(retry, 0, max_retry_seconds));
    bool const other = json->contains("type") || json->contains("title");
    told.is_adaos = !told.detail.empty() && !other;
    return told;
}

/// AdaOS's servers say this for every code they do not take.
bool speaks_of_a_code(std::string const& detail) {
    return to_lower(detail).find("join-code") != std::string::npos;
}

Problem by_status(unsigned status) {
    switch (status) {
        case 401: return Problem::unauthorized;
        case 403: return Problem::forbidden;
        case 404: return Problem::code_unknown;
        case 409: return Problem::code_used;
        case 410: return Problem::code_expired;
        case 422: return Problem::invalid_field;
        case 429: return Problem::code_throttled;
        case 502:
        case 503: return Problem::unreachable;
        case 504: return Problem::timed_out;
        default: return Problem::bad_answer;
    }
}

}  // namespace

bool is_problem(net::Reply const& reply) {
    return read_problem(reply.body).info != nullptr;
}

bool is_of_authority(net::Reply const& reply) {
    auto const told = read_problem(reply.body);
    return told.info != nullptr || told.is_adaos;
}

bool is_join_refusal(net::Reply const& reply) {
    auto const told = read_problem(reply.body);
    if (told.info != nullptr) return told.info->id.starts_with("ADAOS-J");
    return speaks_of_a_code(told.detail);
}

Error problem_of(net::Reply const& reply) {
    auto told = read_problem(reply.body);
    if (told.info != nullptr) {
        // A door that always gives a detail repeats the title when there is no more to say.
        if (told.detail == told.info->title) told.detail.clear();
        Error error(told.info->problem, std::move(told.detail));
        error.retry_after_seconds = told.retry_seconds;
        return error;
    }
    auto text = "HTTP " + std::to_string(reply.head.status);
    if (!told.detail.empty()) text += ": " + told.detail;
    return {by_status(reply.head.status), std::move(text)};
}

Error join_problem_of(net::Reply const& reply) {
    auto const status = reply.head.status;
    if (status / 100 == 5 || is_of_authority(reply)) return problem_of(reply);
    return {Problem::not_adaos, "HTTP " + std::to_string(status)};
}

net::Fields json_fields() {
    net::Fields fields;
    fields.add("Content-Type", "application/json");
    fields.add("Accept", "application/json");
    return fields;
}

}  // namespace adaos::node
