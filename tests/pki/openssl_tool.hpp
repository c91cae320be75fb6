#pragma once
/// Certificates and requests that our own code would not make.

#include "base/clock.hpp"
#include "pki/key.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

namespace adaos::test {

inline constexpr WallTime day_one{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01
inline constexpr char const* subnet_a = "sn_0a1b2c3d";
inline constexpr char const* subnet_b = "sn_ffffffff";
inline constexpr char const* node_1 = "11111111-2222-4333-8444-555555555555";

/// An RSA key of `bits`, an EC key on `curve`, or any other `algorithm` of OpenSSL.
pki::Key rsa_key(unsigned bits, unsigned long exponent = 65537);
pki::Key ec_key(char const* curve);
/// The same key; requests of it give its point in the short form.
pki::Key compressed(pki::Key const& key);
pki::Key ec_key_with_explicit_curve();
pki::Key other_key(char const* algorithm);

pki::Key public_half(pki::Key const& key);
std::string encrypted_key_pem(pki::Key const& key);

using Extensions = std::vector<std::pair<int, std::string>>;  // NID, openssl.cnf text

/// A self-made request; `hash` null for Ed25519.
std::string request(pki::Key const& key, EVP_MD const* hash);
/// A P-256 request that asks for the first in the standard's attribute, for the second in
/// Microsoft's; there is no attribute for none.
std::string request_for(Extensions const& wishes, Extensions const& ms_wishes = {});
/// A request whose attribute of wishes is no list of extensions.
std::string request_for_nonsense();
/// A request whose signature is RSA-PSS.
std::string pss_request(pki::Key const& key);

struct Draft {
    std::string name = "test";
    Extensions extensions;
    WallTime not_before = day_one;
    WallTime not_after = day_one + std::chrono::hours(24);
    EVP_MD const* hash = EVP_sha256();
};
/// `issuer` empty: self-signed. One certificate as PEM.
std::string certificate(pki::Key const& subject, Draft const& draft, std::string const& issuer_pem,
                        pki::Key const& issuer_key);

/// DER to one PEM block named `name`, and back.
std::string pem_of(std::string const& name, std::string const& der);
std::string der_of(std::string const& pem);

}  // namespace adaos::test
