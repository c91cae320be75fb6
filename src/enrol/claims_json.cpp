#include "base/json.hpp"
#include "base/problem.hpp"
#include "enrol/claims.hpp"

namespace adaos::enrol {
namespace {

Result<Json> parse_claims(std::string_view text) {
    auto const wrong = Error(Problem::invalid_field, "claims: an object of texts");
    if (text.empty()) return Json::object();
    auto json = parse_json(text);
    if (!json || !json->is_object()) return wrong;
    for (auto const& value : *json)
        if (!value.is_string()) return wrong;
    return json;
}

}  // namespace

Result<void> check_claims_size(std::string_view claims_json) {
    if (claims_json.size() <= max_claims_bytes) return Result<void>();
    return Error(Problem::invalid_field, "claims: at most 4096 bytes");
}

Result<bool> claims_match(std::string_view required, std::string_view given) {
    auto const wanted = parse_claims(required);
    if (!wanted) return wanted.error();
    auto const claimed = parse_claims(given);
    if (!claimed) return claimed.error();
    for (auto const& [key, value] : wanted->items())
        if (find_string(*claimed, key) != value.get<std::string>()) return false;
    return true;
}

}  // namespace adaos::enrol
