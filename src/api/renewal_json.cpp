#include "api/renewal.hpp"
#include "base/json_body.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::api {
namespace {

/// A leaf and what is above it: four certificates of 2 KiB are plenty.
constexpr std::size_t max_chain_bytes = 16 * 1024;

}  // namespace

std::string to_json(RenewAsk const& ask) {
    Json json;
    json["csr_pem"] = ask.csr_pem;
    if (!ask.issuer_csr_pem.empty()) json["issuer_csr_pem"] = ask.issuer_csr_pem;
    return dump(json);
}

Result<RenewAsk> parse_renew_ask(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    RenewAsk out;
    out.csr_pem = body->text("csr_pem", pki::max_request_pem_bytes);
    out.issuer_csr_pem = body->text("issuer_csr_pem", pki::max_request_pem_bytes);
    if (out.csr_pem.empty()) body->refuse("csr_pem", "a PKCS#10 request is needed");
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

std::string to_json(RenewAnswer const& answer) {
    Json json;
    json["cert_pem"] = answer.cert_pem;
    json["ca_pem"] = answer.ca_pem;
    if (!answer.issuer_cert_pem.empty()) json["issuer_cert_pem"] = answer.issuer_cert_pem;
    return dump(json);
}

Result<RenewAnswer> parse_renew_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::bad_answer, json.error().context);
    RenewAnswer out{string_or_empty(*json, "cert_pem"), string_or_empty(*json, "ca_pem"),
                    string_or_empty(*json, "issuer_cert_pem")};
    if (out.cert_pem.empty() || out.ca_pem.empty())
        return Error(Problem::bad_answer, "no certificate in the answer");
    return out;
}

std::string to_json(RecoverAsk const& ask) {
    Json json;
    json["cert_pem"] = ask.cert_pem;
    json["csr_pem"] = ask.csr_pem;
    return dump(json);
}

Result<RecoverAsk> parse_recover_ask(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    RecoverAsk out{body->text("cert_pem", max_chain_bytes),
                   body->text("csr_pem", pki::max_request_pem_bytes)};
    if (out.cert_pem.empty()) body->refuse("cert_pem", "the old certificate is needed");
    if (out.csr_pem.empty()) body->refuse("csr_pem", "a PKCS#10 request is needed");
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

std::string recover_answer(std::string const& cert_pem) {
    Json json;
    json["cert_pem"] = cert_pem;
    return dump(json) + "\n";
}

Result<std::string> parse_recover_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::bad_answer, json.error().context);
    auto pem = string_or_empty(*json, "cert_pem");
    if (pem.empty()) return Error(Problem::bad_answer, "no certificate in the answer");
    return pem;
}

Error problem_in(unsigned status, std::string_view body) {
    auto const json = parse_json(body);
    auto const* const known = json ? find_problem(string_or_empty(*json, "code")) : nullptr;
    if (known != nullptr) return Error(known->problem, string_or_empty(*json, "detail"));
    return Error(Problem::bad_answer, "status " + std::to_string(status));
}

}  // namespace adaos::api
