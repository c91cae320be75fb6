#pragma once
/// Puts one X.509 v3 certificate together. For authority.cpp only.

#include "base/clock.hpp"
#include "base/random.hpp"
#include "pki/openssl.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adaos::pki {

/// Calls may come in any order, save that `issuer` and then `sign` come last. The first
/// failure is kept; `sign` reports it and later calls do nothing.
class CertificateBuilder {
public:
    /// A positive serial of 128 random bits.
    explicit CertificateBuilder(Random& random);

    void subject_name(std::string_view organisation, std::string_view common_name);
    /// Its public half; also sets the subject key identifier.
    void subject_key(EVP_PKEY& key);
    /// The same for a certificate that is only written: its key cannot be asked for.
    void leaf_key(EVP_PKEY& key);
    /// Name and key of another certificate.
    void subject_of(X509& other);
    void validity(WallTime not_before, WallTime not_after);
    /// `text` in the syntax of openssl.cnf: constants and checked ids only, never a peer's text.
    void extension(int nid, std::string const& text);
    void uri(std::string_view uri);
    /// A DNS name, an IPv4 or an IPv6 address (with or without brackets).
    void host(std::string_view host);
    /// `issuer` null: the certificate is its own issuer.
    void issuer(X509* issuer);
    [[nodiscard]] Result<X509Handle> sign(EVP_PKEY& issuer_key);

private:
    void fail(Error error);
    void add_name(GeneralNameHandle name);

    X509Handle cert_;
    GeneralNamesHandle names_;
    Result<void> state_;
};

}  // namespace adaos::pki
