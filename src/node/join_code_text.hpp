#pragma once
/// What `hub join-code create` prints. Pure.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_client.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adaos::node {

struct MadeCode {
    std::string mode;  ///< "root" or "local"
    std::string code;  ///< "ABCD-EFGH"
    std::string subnet_id, root_url, expires_at_utc, ca_fingerprint;
    std::string command;  ///< what to type on the other machine
};
/// The answer to POST /api/node/join-code. Errors: bad_answer.
[[nodiscard]] Result<MadeCode> parse_made_code(std::string_view text);
/// The body of that POST.
[[nodiscard]] std::string code_order_json(int ttl_minutes, int length, std::string_view mode);
/// The body of POST /api/access/tokens.
[[nodiscard]] std::string token_order_json(std::string_view name, std::string_view scope,
                                           std::string_view ttl);

/// `adaos node join ...` for a code made at Root.
[[nodiscard]] std::string join_command(MadeCode const& made);
/// Root URL and command of a local code: the hub's own address. Nothing is proved there but the
/// code.
void address_locally(MadeCode& made, net::Url const& hub);
/// Where a hub that listens on `listen_host` is found from elsewhere, given this machine's names.
[[nodiscard]] net::Url hub_address(std::string const& listen_host, std::uint16_t port,
                                   std::vector<std::string> const& own_hosts);

/// adaos.join-code/v1
[[nodiscard]] std::string to_json(MadeCode const& made);
[[nodiscard]] std::string to_text(MadeCode const& made);

}  // namespace adaos::node
