#pragma once
/// JSON of `certificate.renew` and `POST /v1/enrol/recover` (docs/protocol/renewal.md).

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace adaos::api {

struct RenewAsk {
    std::string csr_pem;
    std::string issuer_csr_pem;  ///< of a hub that wants its issuer renewed, too; else empty
};
[[nodiscard]] std::string to_json(RenewAsk const& ask);
/// Errors: bad_request, invalid_field.
[[nodiscard]] Result<RenewAsk> parse_renew_ask(std::string_view text);

struct RenewAnswer {
    std::string cert_pem, ca_pem;
    std::string issuer_cert_pem;  ///< when it was asked for
};
[[nodiscard]] std::string to_json(RenewAnswer const& answer);
/// Errors: bad_answer.
[[nodiscard]] Result<RenewAnswer> parse_renew_answer(std::string_view text);

struct RecoverAsk {
    std::string cert_pem, csr_pem;
};
[[nodiscard]] std::string to_json(RecoverAsk const& ask);
/// Errors: bad_request, invalid_field.
[[nodiscard]] Result<RecoverAsk> parse_recover_ask(std::string_view text);

[[nodiscard]] std::string recover_answer(std::string const& cert_pem);
/// Errors: bad_answer.
[[nodiscard]] Result<std::string> parse_recover_answer(std::string_view text);

/// The problem of an error's body; bad_answer when it is none of ours.
[[nodiscard]] Error problem_in(unsigned status, std::string_view body);

}  // namespace adaos::api
