#pragma once
/// Every error a user can meet: one table gives its id, HTTP status, exit code, sentence and next
/// step. The RFC 9457 body, the two lines on stderr and docs/errors.md are all made from it.

#include "base/error.hpp"

#include <span>
#include <string_view>

namespace adaos {

/// Append only: the ids in the table are public.
enum class Problem {
    // J: joining
    code_unknown = 1,
    code_blank,
    code_malformed,
    code_expired,
    code_used,
    code_throttled,
    join_needs_proof,
    join_conflict,
    not_a_hub,
    not_joined,
    root_token_wrong,
    bootstrap_token_wrong,
    subnet_taken,
    csr_refused,
    proof_failed,
    token_unknown,
    token_refused,
    grant_expired,
    grant_spent,
    grant_revoked,
    grant_bound,
    claim_mismatch,
    name_taken,
    attempt_conflict,
    grant_ended,
    code_burned,
    // T: trust
    pin_mismatch,
    peer_untrusted,
    clock_wrong,
    duplicate_identity,
    node_removed,
    certificate_too_old,
    // U: reaching the other side
    unreachable,
    timed_out,
    bad_answer,
    no_join_endpoint,
    not_adaos,
    // R: the relay
    subnet_unknown,
    hub_offline,
    node_unknown,
    node_offline,
    link_lost,
    upstream_refused,
    upstream_slow,
    upstream_broken,
    relay_busy,
    link_refused,
    node_busy,
    node_state,
    architecture_mismatch,
    node_gone,
    service_unknown,
    service_is_tcp,
    service_taken,
    services_full,
    service_is_http,
    // A: who may call
    unauthorized,
    forbidden,
    local_only,
    // B: bad requests
    bad_request,
    not_found,
    method_not_allowed,
    body_too_large,
    head_too_large,
    media_type,
    invalid_field,
    validation,
    // S: state and configuration
    config_broken,
    config_invalid,
    state_unreadable,
    state_damaged,
    state_too_new,
    disk_full,
    port_in_use,
    permission,
    already_running,
    folder_busy,
    // N: this node
    node_not_running,
    not_ready,
    draining,
    usage,
    invalid_option,
    incomplete_install,
    output_lost,
    interrupted,
    secret_unreadable,
    internal,
};

struct ProblemInfo {
    Problem problem;
    std::string_view id;     ///< "ADAOS-J004"
    std::string_view slug;   ///< "code-expired": the word for it in trails
    unsigned http_status;    ///< RFC 9110 status the doors answer with
    int exit_code;           ///< what a command that fails with it exits with
    std::string_view title;  ///< one sentence, lower case, no full stop
    std::string_view next;   ///< what to do now, an imperative sentence
};

/// The whole table, in enum order.
[[nodiscard]] std::span<ProblemInfo const> problems() noexcept;

/// The row of `code`; an error of any other category is `internal`, save a few system errors that
/// have a row of their own (refused, unreachable, timed out, no space, permission, port in use).
[[nodiscard]] ProblemInfo const& describe(boost::system::error_code const& code) noexcept;

/// The row whose public id is `id` ("ADAOS-J004"); null when there is none.
[[nodiscard]] ProblemInfo const* find_problem(std::string_view id) noexcept;

boost::system::error_code make_error_code(Problem p) noexcept;

}  // namespace adaos

template <>
struct boost::system::is_error_code_enum<adaos::Problem> : std::true_type {};
