#pragma once
/// PKCS#10 requests. Of a request only the public key counts: subject and extensions never reach a
/// certificate. A wish for a CA's rights is refused all the same (docs/adr/0007).

#include "base/error.hpp"
#include "pki/key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adaos::pki {

inline constexpr std::size_t max_request_pem_bytes = 8 * 1024;

/// A request signed by `key`. `common_name` is a courtesy to people who read it.
[[nodiscard]] Result<std::string> make_request(Key const& key, std::string_view common_name);
/// The same with DNS names that are wished for, as courteous.
[[nodiscard]] Result<std::string> make_request(Key const& key, std::string_view common_name,
                                               std::vector<std::string> const& dns_names,
                                               std::vector<std::string> const& addresses);

/// The requested public key, its possession proved. Policy: P-256, P-384, RSA 2048 to 8192, SHA-2
/// signature, at most `max_request_pem_bytes`, no wish for CA:TRUE, keyCertSign or cRLSign. Errors:
/// Problem::csr_refused with the reason.
[[nodiscard]] Result<Key> check_request(std::string_view pem);

}  // namespace adaos::pki
