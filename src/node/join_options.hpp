#pragma once
/// The options of `node join`, looked at before anything is touched or sent.

#include "net/http_client.hpp"
#include "node/command.hpp"

namespace adaos::node {

struct JoinWish {
    Secret code;  ///< canonical
    net::Url root;
    std::string hub_url;  ///< empty: the answer's
    std::string pin;      ///< canonical; empty: the code is the proof
    std::string zone;
    std::chrono::seconds timeout{30};
};
/// Errors: secret_unreadable, code_blank, code_malformed, invalid_field.
[[nodiscard]] Result<JoinWish> check_join_options(Context& context, JoinOptions const& options);

/// Errors: invalid_field with the option's name.
[[nodiscard]] Result<net::Url> parse_url_option(char const* option, std::string const& text);
[[nodiscard]] Result<std::string> parse_pin_option(std::optional<std::string> const& text,
                                                   net::Url const& root);
[[nodiscard]] Result<std::string> parse_zone_option(std::optional<std::string> const& text);

}  // namespace adaos::node
