#include "base/problem.hpp"
#include "net/tls_mutual.hpp"
#include "net/tls_stream.hpp"
#include "net/tls_verify.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

namespace adaos::net {
namespace {

constexpr char const* link_alpn = "adaos-link/1";
constexpr char const* http_alpn = "http/1.1";

/// Certificates above the leaf, at most. Ours are two deep; the web's rarely more than four.
constexpr int max_chain_depth = 8;

Error context_error(std::string_view what) {
    return Error(Problem::internal, take_tls_error(what).context);
}

/// The server's choice: our only protocol, or none at all.
int choose_alpn(SSL*, unsigned char const** chosen, unsigned char* chosen_size,
                unsigned char const* offered, unsigned offered_size, void* ours) noexcept {
    std::string_view const wanted = static_cast<char const*>(ours);
    std::string_view rest(reinterpret_cast<char const*>(offered), offered_size);
    while (!rest.empty()) {
        auto const size = static_cast<unsigned char>(rest.front());
        auto const name = rest.substr(1, size);
        if (name == wanted) {
            *chosen = reinterpret_cast<unsigned char const*>(name.data());
            *chosen_size = size;
            return SSL_TLSEXT_ERR_OK;
        }
        rest.remove_prefix(std::min(rest.size(), std::size_t{size} + 1));
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

enum class End { client, server };

Result<std::unique_ptr<TlsContext::Parts>> make_parts(End end, int least_version,
                                                      char const* alpn) {
    ERR_clear_error();
    auto parts = std::make_unique<TlsContext::Parts>();
    parts->ctx.reset(SSL_CTX_new(end == End::server ? TLS_server_method() : TLS_client_method()));
    auto* const ctx = parts->ctx.get();
    if (ctx == nullptr) return context_error("tls context");
    SSL_CTX_set_min_proto_version(ctx, least_version);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // A chain is sent as it was given, never completed from the anchors.
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify_depth(ctx, max_chain_depth);
    SSL_CTX_set_cert_verify_callback(ctx, verify_peer, nullptr);
    // Only what TLS 1.3 has, too: ephemeral keys and authenticated encryption.
    if (SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return context_error("tls ciphers");
    if (end == End::server) {
        SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, const_cast<char*>(alpn));
    } else {
        std::string list(1, static_cast<char>(std::string_view(alpn).size()));
        list += alpn;
        SSL_CTX_set_alpn_protos(ctx, reinterpret_cast<unsigned char const*>(list.data()),
                                static_cast<unsigned>(list.size()));
    }
    return parts;
}

Result<void> use_identity(SSL_CTX* ctx, TlsIdentity const& identity) {
    auto const chain = pki::certificates_from_pem(identity.chain_pem);
    if (!chain) return with_context(chain.error(), "tls certificate");
    if (chain->empty()) return Error(Problem::state_damaged, "tls certificate: none");
    auto const key = pki::Key::from_pem(identity.key_pem);
    if (!key) return with_context(key.error(), "tls key");
    ERR_clear_error();
    if (SSL_CTX_use_certificate(ctx, chain->front().native()) != 1)
        return context_error("tls certificate");
    for (std::size_t i = 1; i < chain->size(); ++i)
        if (SSL_CTX_add1_chain_cert(ctx, (*chain)[i].native()) != 1)
            return context_error("tls certificate chain");
    if (SSL_CTX_use_PrivateKey(ctx, key->native()) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        return Error(Problem::state_damaged, take_tls_error("tls key").context);
    return {};
}

Result<void> use_anchors(SSL_CTX* ctx, std::string const& anchors_pem) {
    auto const anchors = pki::certificates_from_pem(anchors_pem);
    if (!anchors) return with_context(anchors.error(), "tls anchors");
    if (anchors->empty()) return Error(Problem::state_damaged, "tls anchors: none");
    auto* const store = SSL_CTX_get_cert_store(ctx);
    for (auto const& anchor : *anchors)
        if (X509_STORE_add_cert(store, anchor.native()) != 1) return context_error("tls anchors");
    return {};
}

Result<TlsContext> make_link(End end, TlsIdentity const& identity, std::string const& anchors_pem) {
    auto parts = make_parts(end, TLS1_3_VERSION, link_alpn);
    if (!parts) return parts.error();
    auto* const ctx = (*parts)->ctx.get();
    if (auto const used = use_identity(ctx, identity); !used) return used.error();
    if (auto const used = use_anchors(ctx, anchors_pem); !used) return used.error();
    (*parts)->alpn = link_alpn;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // Every link is a full handshake: a resumed one would skip the check of the certificate.
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    return TlsContext(std::move(*parts));
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsContext::TlsContext(TlsContext&&) noexcept = default;
TlsContext& TlsContext::operator=(TlsContext&&) noexcept = default;
TlsContext::~TlsContext() = default;
void TlsContext::judge_by(Clock const& clock) {
    parts_->clock = &clock;
}
SSL_CTX* TlsContext::native() const noexcept {
    return parts_->ctx.get();
}

Result<TlsContext> TlsContext::make_server(TlsIdentity const& identity) {
    auto parts = make_parts(End::server, TLS1_2_VERSION, http_alpn);
    if (!parts) return parts.error();
    auto const used = use_identity((*parts)->ctx.get(), identity);
    if (!used) return used.error();
    return TlsContext(std::move(*parts));
}

Result<TlsContext> TlsContext::make_server(TlsIdentity const& identity,
                                           std::string const& client_anchors_pem) {
    auto made = make_server(identity);
    if (!made) return made.error();
    auto* const ctx = made->native();
    if (auto const used = use_anchors(ctx, client_anchors_pem); !used) return used.error();
    // Named in the request, so that a browser does not offer its user's other certificates.
    auto const anchors = pki::certificates_from_pem(client_anchors_pem);
    for (auto const& anchor : *anchors)
        if (SSL_CTX_add_client_CA(ctx, anchor.native()) != 1) return context_error("tls anchors");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
    // Without it OpenSSL refuses to resume a session at a server that asks for certificates. What
    // is resumed was verified with this context; the caller looks at the certificate's end.
    constexpr unsigned char sessions[] = {'a', 'd', 'a', 'o', 's'};
    SSL_CTX_set_session_id_context(ctx, sessions, sizeof sessions);
    return made;
}

Result<TlsContext> TlsContext::make_client(TlsTrust const& trust) {
    auto parts = make_parts(End::client, TLS1_2_VERSION, http_alpn);
    if (!parts) return parts.error();
    auto* const ctx = (*parts)->ctx.get();
    (*parts)->checks_host = true;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
    if (trust.ca_fingerprint) {
        auto pins = trust.other_fingerprints;
        pins.insert(pins.begin(), *trust.ca_fingerprint);
        for (auto const& given : pins) {
            auto pin = pki::parse_fingerprint(given);
            if (!pin) return with_context(pin.error(), "CA fingerprint");
            (*parts)->pins.push_back(std::move(*pin));
        }
    } else if (!trust.anchors_pem.empty()) {
        auto const used = use_anchors(ctx, trust.anchors_pem);
        if (!used) return used.error();
    } else if (trust.anyone) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, nullptr);
    } else if (SSL_CTX_set_default_verify_paths(ctx) != 1) {
        return context_error("the system's certificates");
    }
    return TlsContext(std::move(*parts));
}

Result<TlsContext> TlsContext::make_link_accepter(TlsIdentity const& identity,
                                                  std::string const& anchors_pem) {
    return make_link(End::server, identity, anchors_pem);
}

Result<TlsContext> TlsContext::make_link_dialler(TlsIdentity const& identity,
                                                 std::string const& anchors_pem) {
    return make_link(End::client, identity, anchors_pem);
}

Result<TlsContext> make_strict_client(TlsTrust const& trust,
                                      std::optional<TlsIdentity> const& identity) {
    auto made = TlsContext::make_client(trust);
    if (!made) return made.error();
    auto* const ctx = made->native();
    if (identity) {
        if (auto const used = use_identity(ctx, *identity); !used) return used.error();
    }
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    return made;
}

Result<TlsContext> make_mutual_server(TlsIdentity const& identity,
                                      std::string const& client_anchors_pem) {
    auto made = TlsContext::make_server(identity, client_anchors_pem);
    if (!made) return made.error();
    auto* const ctx = made->native();
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    // Every connection is a full handshake, so that each one's certificate is looked at now.
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    return made;
}

}  // namespace adaos::net
