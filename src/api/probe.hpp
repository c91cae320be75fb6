#pragma once
/// How fast and how true is the way to this node: bytes of a known pattern down, a hash of bytes
/// up.

#include "net/http_session.hpp"

namespace adaos::api {

inline constexpr std::uint64_t max_probe_bytes = std::uint64_t{64} << 30;

/// `GET /api/probe/download?bytes=N`: N bytes, byte i = i mod 251 (a prime: no alignment hides a
/// lost block). 422 when N is no number or over `max_probe_bytes`.
net::Task<void> probe_download(net::Exchange& exchange);
/// `POST /api/probe/upload`: `{bytes, sha256}` of the body, which is kept nowhere.
net::Task<void> probe_upload(net::Exchange& exchange);

}  // namespace adaos::api
