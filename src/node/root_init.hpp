#pragma once
/// What `dev root init` sends, gets and prints. Pure.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "pki/key.hpp"

#include <string>
#include <string_view>

namespace adaos::node {

[[nodiscard]] std::string bootstrap_order_json(std::string_view fingerprint,
                                               std::string_view subnet_id, std::string_view zone);
/// The one-time token. Errors: bad_answer.
[[nodiscard]] Result<Secret> parse_bootstrap_answer(std::string_view text);

struct RegisterOrder {
    std::string csr_pem, issuer_csr_pem, node_id, hostname, zone_id;
};
[[nodiscard]] std::string to_json(RegisterOrder const& order);

struct RegisterAnswer {
    std::string subnet_id, node_id, cert_pem, issuer_cert_pem, ca_pem;
};
/// Errors: bad_answer naming the field.
[[nodiscard]] Result<RegisterAnswer> parse_register_answer(std::string_view text);

struct RegisterExpectation {
    pki::Key const& key;
    pki::Key const& issuer_key;
    std::string node_id;
    std::string subnet_id;  ///< empty: any
    std::string pin;        ///< of the answer's CA; empty: none, or TLS has proved it
    WallTime now;
};
/// Both certificates are for our keys and lead up to the answer's CA, which is the pinned one; the
/// leaf names this hub, and the issuer is a CA of its subnet. Errors: bad_answer, pin_mismatch,
/// peer_untrusted.
[[nodiscard]] Result<void> check_register_answer(RegisterAnswer const& answer,
                                                 RegisterExpectation const& expected);

struct RootInitDone {
    std::string node_id, subnet_id, root_url, hub_key, hub_cert, ca_cert, ca_fingerprint;
    bool reused = false;
};
/// adaos.root-init/v1
[[nodiscard]] std::string to_json(RootInitDone const& done);
[[nodiscard]] std::string to_text(RootInitDone const& done);

}  // namespace adaos::node
