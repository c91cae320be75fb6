#pragma once
/// Signs certificates. Root has one; so has every hub (its subnet issuer).

#include "base/clock.hpp"
#include "base/random.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace adaos::pki {

inline constexpr std::chrono::hours leaf_life{30 * 24};
inline constexpr std::chrono::hours authority_life{10 * 365 * 24};
/// What a leaf's life may be set to.
inline constexpr std::chrono::seconds least_leaf_life{60};
inline constexpr std::chrono::hours longest_leaf_life{365 * 24};
/// A fresh certificate is valid from a minute ago, so that a slow clock can use it (threat 25).
inline constexpr std::chrono::seconds backdate{60};
/// Most names and addresses in one server certificate.
inline constexpr std::size_t max_hosts = 64;

class Authority {
public:
    /// A new self-signed CA. `subnet_id` empty: Root's CA. Else a hub's own issuer: pathlen 0,
    /// name- constrained to `<subnet>.adaos`; its subject is fixed (`common_name` is not used), so
    /// that Root can later certify the same name and key with `issue_issuer`.
    static Result<Authority> make(std::string common_name, std::string subnet_id, KeyType type,
                                  WallTime now, Random& random);
    /// The same with a key that is there already.
    static Result<Authority> make(std::string common_name, std::string subnet_id, Key key,
                                  WallTime now, Random& random);
    /// `chain_pem`: the CA certificate first, then those above it (none for a self-signed one).
    /// Errors: state_damaged when they do not belong together.
    static Result<Authority> load(std::string chain_pem, Secret const& key_pem);

    [[nodiscard]] Certificate const& certificate() const noexcept { return certificate_; }
    [[nodiscard]] std::string const& chain_pem() const noexcept { return chain_pem_; }
    [[nodiscard]] Secret key_pem() const { return key_.to_pem(); }

    /// Of the leaves it signs from now on; `leaf_life` unless told.
    void set_leaf_life(std::chrono::seconds life) noexcept { leaf_life_ = life; }

    /// A leaf for a node, followed by the chain to (but without) the self-signed top. EKU by role.
    /// Serial: 128 random bits. Subject CN = node id, O = subnet id. No leaf outlives a certificate
    /// above it. Errors, of all three: invalid_field (a malformed name), peer_untrusted (not this
    /// authority's to sign: nobody would trust it), clock_wrong (`now` is outside its own time).
    [[nodiscard]] Result<std::string> issue_node(Key const& subject_key, NodeIdentity const& who,
                                                 WallTime now, Random& random) const;
    /// The leaf of an agent, which serves its peers, too: CN `node-<name>`, the node's URI, and the
    /// names `node-<name>.agents.otherix.local`, localhost, 127.0.0.1 and `host` (a name or an
    /// address; may be empty). serverAuth and clientAuth; no hub's for all that, see NodeIdentity.
    struct Agent {
        NodeIdentity who;
        std::string name, host;
    };
    [[nodiscard]] Result<std::string> issue_agent(Key const& subject_key, Agent const& agent,
                                                  WallTime now, Random& random) const;
    /// A TLS server leaf for names and addresses, plus `root_uri` when `as_root`; same chain rule,
    /// but the top is appended too, so that a client can compare its pin.
    enum class Kind { root, hub };
    [[nodiscard]] Result<std::string> issue_server(Key const& subject_key,
                                                   std::vector<std::string> const& hosts, Kind kind,
                                                   WallTime now, Random& random) const;
    /// A subnet issuer below this CA: CA:true, pathlen 0, name-constrained. PEM with the chain up
    /// to and with the self-signed top: what `load` takes.
    [[nodiscard]] Result<std::string> issue_issuer(Key const& subject_key,
                                                   std::string const& subnet_id, WallTime now,
                                                   Random& random) const;
    /// The name and key of another Root CA, vouched for by this one: who trusts only this one then
    /// accepts what `other` signs. One certificate, which names Root (`is_root_ca`), so that it is
    /// not taken for a subnet issuer. Errors: as above.
    [[nodiscard]] Result<std::string> vouch_for(Certificate const& other, WallTime now,
                                                Random& random) const;

private:
    Authority(std::vector<Certificate> chain, std::string chain_pem, Key key);
    Certificate certificate_;
    /// Its own first. Parsed once: OpenSSL 3.0 takes as long to read a key as to sign with one.
    std::vector<Certificate> chain_;
    std::string chain_pem_;
    Key key_;
    std::chrono::seconds leaf_life_ = leaf_life;
};

/// The authority that signs right now: the loop exchanges it while the store's thread signs.
class CurrentAuthority {
public:
    explicit CurrentAuthority(Authority authority) { set(std::move(authority)); }
    [[nodiscard]] std::shared_ptr<Authority const> get() const { return current_.load(); }
    void set(Authority authority) {
        current_.store(std::make_shared<Authority const>(std::move(authority)));
    }

private:
    std::atomic<std::shared_ptr<Authority const>> current_;  // each signer keeps the one it took
};

/// The middle of a certificate's life, not counting the backdating.
[[nodiscard]] WallTime half_life(Certificate const& certificate);

}  // namespace adaos::pki
