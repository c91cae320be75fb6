#include "api/redeem_id.hpp"

#include "base/json_body.hpp"

#include <algorithm>

namespace adaos::api {
namespace {

constexpr std::size_t least_redeem_id = 22;
constexpr std::size_t most_redeem_id = 64;

bool is_base64url(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

}  // namespace

std::string read_redeem_id(JsonBody& body) {
    auto id = body.text("redeem_id", most_redeem_id);
    bool const plain = std::all_of(id.begin(), id.end(), is_base64url);
    if (!id.empty() && (id.size() < least_redeem_id || !plain))
        body.refuse("redeem_id", "128 random bits: 22 to 64 of A-Z a-z 0-9 - _");
    return id;
}

}  // namespace adaos::api
