#pragma once
/// Certificates for TLS tests: valid around the real time, which OpenSSL looks at by itself.

#include "net/tls.hpp"
#include "pki/authority.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"
#include "support/seeded_random.hpp"

#include <string>
#include <utility>
#include <vector>

namespace adaos::test {

/// A CA, and what it signs.
class TlsWorld {
public:
    explicit TlsWorld(std::uint64_t seed = 1)
        : random_(seed),
          ca_(pki::Authority::make("test CA", "", pki::KeyType::p256,
                                   now() - std::chrono::hours(100 * 24), random_)
                  .value()) {}

    [[nodiscard]] static WallTime now() { return SystemClock().wall(); }
    [[nodiscard]] pki::Authority const& ca() const { return ca_; }
    [[nodiscard]] std::string anchors() const { return ca_.certificate().to_pem(); }
    [[nodiscard]] std::string pin() const { return ca_.certificate().fingerprint(); }

    [[nodiscard]] net::TlsIdentity server(std::vector<std::string> const& hosts) {
        return server_at(hosts, now());
    }
    [[nodiscard]] net::TlsIdentity server_at(std::vector<std::string> const& hosts, WallTime at) {
        auto const key = pki::Key::make(pki::KeyType::p256).value();
        auto const kind = pki::Authority::Kind::root;
        return {ca_.issue_server(key, hosts, kind, at, random_).value(), key.to_pem()};
    }
    [[nodiscard]] net::TlsIdentity node(pki::NodeIdentity const& who) {
        auto const key = pki::Key::make(pki::KeyType::p256).value();
        return {ca_.issue_node(key, who, now(), random_).value(), key.to_pem()};
    }
    /// A node below a subnet issuer of its own.
    [[nodiscard]] net::TlsIdentity node_below_issuer(pki::NodeIdentity const& who) {
        auto const issuer_key = pki::Key::make(pki::KeyType::p256).value();
        auto const chain = ca_.issue_issuer(issuer_key, who.subnet_id, now(), random_).value();
        auto const issuer = pki::Authority::load(chain, issuer_key.to_pem()).value();
        auto const key = pki::Key::make(pki::KeyType::p256).value();
        return {issuer.issue_node(key, who, now(), random_).value(), key.to_pem()};
    }

    /// A server whose certificate a subnet issuer below the CA signed, as a hub can do.
    [[nodiscard]] net::TlsIdentity server_below(std::string const& subnet_id,
                                                std::vector<std::string> const& hosts) {
        auto const issuer_key = pki::Key::make(pki::KeyType::p256).value();
        auto const chain = ca_.issue_issuer(issuer_key, subnet_id, now(), random_).value();
        auto const issuer = pki::Authority::load(chain, issuer_key.to_pem()).value();
        auto const key = pki::Key::make(pki::KeyType::p256).value();
        auto const kind = pki::Authority::Kind::hub;
        return {issuer.issue_server(key, hosts, kind, now(), random_).value(), key.to_pem()};
    }

private:
    SeededRandom random_;
    pki::Authority ca_;
};

using Shaken = std::pair<Result<net::TlsAccepted>, Result<net::TlsAccepted>>;

/// A handshake over `ends`: the client's result, then the server's.
inline Shaken shake(Loop& loop, std::pair<net::StreamPtr, net::StreamPtr> ends,
                    net::TlsContext const& client, net::TlsContext const& server,
                    std::string host) {
    auto accepting = loop.start(net::tls_accept(server, std::move(ends.second)));
    auto connecting = loop.start(net::tls_connect(client, std::move(ends.first), std::move(host)));
    loop.poll();
    auto connected = connecting.get();
    return {std::move(connected), accepting.get()};
}

}  // namespace adaos::test
