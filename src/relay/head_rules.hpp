#pragma once
/// What a relay changes in heads (RFC 9110 7.6, RFC 7239, conventions 4.5). Pure.

#include "net/http_message.hpp"
#include "net/http_session.hpp"
#include "relay/forwarder.hpp"

#include <string>

namespace adaos::relay {

/// The request for the next hop: hop-by-hop and Connection-listed fields go, and at the edge every
/// header that claims an identity; Forwarded, X-Forwarded-*, Via and `route.add` come. An upgrade
/// keeps its two fields.
[[nodiscard]] net::RequestHead onward_request(net::RequestHead const& in, net::Peer const& peer,
                                              Route const& route);
/// The answer for the caller. A 101 keeps Connection and Upgrade.
[[nodiscard]] net::ResponseHead onward_response(net::ResponseHead in, Route const& route);

/// How the answer's body goes on: a HEAD's or 304's declared length is kept although no body
/// follows.
[[nodiscard]] net::Framing onward_framing(net::ResponseHead const& head, net::Framing received,
                                          std::string_view method);

[[nodiscard]] bool is_upgrade(net::RequestHead const& head);
/// True when our own hop is already in Via often enough to be a loop.
[[nodiscard]] bool is_loop(net::RequestHead const& head);

/// RFC 9209: `adaos-root; error=destination_unavailable; details="hub offline"`.
[[nodiscard]] std::string proxy_status(std::string_view hop, Error const& error);

}  // namespace adaos::relay
