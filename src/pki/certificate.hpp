#pragma once
/// X.509 certificates, and the identity they carry.

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "pki/key.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

typedef struct x509_st X509;

namespace adaos::pki {

/// What a node's certificate says: URI SAN `spiffe://<subnet>.adaos/<subnet>/<node-id>`. (An X.509
/// name constraint binds only a URI's host: RFC 5280 4.2.1.10. So the subnet is in the host, too.)
struct NodeIdentity {
    std::string subnet_id;
    std::string node_id;
    /// A hub's leaf has serverAuth beside clientAuth, and its node id for a common name; an agent's
    /// is named `node-<name>`; a member's has clientAuth alone.
    bool hub = false;
    [[nodiscard]] std::string uri() const;
    [[nodiscard]] bool operator==(NodeIdentity const&) const = default;
};
[[nodiscard]] std::string node_uri(std::string_view subnet_id, std::string_view node_id);
/// Root's own: SAN `spiffe://root.adaos/root`.
inline constexpr char const* root_uri = "spiffe://root.adaos/root";

class Certificate {
public:
    /// The first in the text. Errors: Problem::invalid_field.
    static Result<Certificate> from_pem(std::string_view pem);
    /// Takes over `owned`, which is not null.
    explicit Certificate(X509* owned);

    [[nodiscard]] std::string to_pem() const;
    /// "sha256:<64 hex>" of the DER.
    [[nodiscard]] std::string fingerprint() const;
    [[nodiscard]] Digest spki_sha256() const;
    [[nodiscard]] std::string serial_hex() const;
    [[nodiscard]] std::string subject() const;
    [[nodiscard]] std::string issuer() const;  ///< the subject of who signed it
    [[nodiscard]] WallTime not_before() const;
    [[nodiscard]] WallTime not_after() const;
    [[nodiscard]] bool is_ca() const;
    /// Absent when it is no node's certificate, or a malformed one.
    [[nodiscard]] std::optional<NodeIdentity> node() const;
    /// A node's that serves its peers and is no hub: see NodeIdentity.
    [[nodiscard]] bool is_agent() const;
    [[nodiscard]] bool is_root() const;     ///< has `root_uri` as a SAN
    [[nodiscard]] bool is_root_ca() const;  ///< a CA that has it: an old Root CA vouches for a new
    [[nodiscard]] bool matches(Key const& key) const;
    [[nodiscard]] X509* native() const noexcept { return cert_.get(); }

private:
    std::shared_ptr<X509> cert_;
};

/// Most certificates, and most text, that a chain or a set of anchors may have.
inline constexpr std::size_t max_chain_certificates = 32;
inline constexpr std::size_t max_chain_pem_bytes = 128 * 1024;

/// Every certificate in a PEM text, at least one; other blocks are skipped. Errors: invalid_field.
[[nodiscard]] Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem);

/// Of every certificate in a PEM text; none when it is not one.
[[nodiscard]] std::vector<std::string> fingerprints_from_pem(std::string_view pem);

/// "sha256:<hex>" or bare hex, any case, blanks around: canonical "sha256:<64 lower hex>".
/// Errors: Problem::invalid_field.
[[nodiscard]] Result<std::string> parse_fingerprint(std::string_view text);

/// Verifies `chain_pem` (leaf first) up to one of `anchors_pem` at time `at`. Name constraints and
/// path lengths included. Errors: Problem::peer_untrusted with OpenSSL's reason.
[[nodiscard]] Result<Certificate> verify_chain(std::string_view chain_pem,
                                               std::string_view anchors_pem, WallTime at);

}  // namespace adaos::pki
