#pragma once
/// The word with which a redeemer asks again for the same answer.

#include <string>

namespace adaos {
class JsonBody;
}

namespace adaos::api {

/// `redeem_id`, empty when it is not there. It has to be as hard to guess as a key, 128 random
/// bits: fewer than 22 characters, what they take in base64url, are refused.
[[nodiscard]] std::string read_redeem_id(JsonBody& body);

}  // namespace adaos::api
