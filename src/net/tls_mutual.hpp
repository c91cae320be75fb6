#pragma once
/// Contexts for peers that prove themselves to each other over HTTPS, TLS 1.3 alone: agents and
/// those that they talk to.

#include "net/fetch.hpp"
#include "net/tls.hpp"

#include <optional>

namespace adaos::net {

/// HTTPS client. `trust` as in TlsContext::make_client; an anchor need not be self-signed.
/// `identity`: what is shown to a server that asks.
[[nodiscard]] Result<TlsContext> make_strict_client(TlsTrust const& trust,
                                                    std::optional<TlsIdentity> const& identity);
/// HTTPS server whose clients must show a certificate that verifies up to `client_anchors_pem`.
[[nodiscard]] Result<TlsContext> make_mutual_server(TlsIdentity const& identity,
                                                    std::string const& client_anchors_pem);

/// As `fetch`, with a context of one's own instead of `request.trust`. The context is only used
/// during the call. Errors: invalid_field unless the URL is https.
Task<Result<Reply>> fetch_with(Network& network, Timers& timers, Fetch request,
                               TlsContext const& context);

}  // namespace adaos::net
