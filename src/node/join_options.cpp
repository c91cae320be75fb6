#include "node/join_options.hpp"

#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "identity/node_config.hpp"
#include "net/network.hpp"
#include "pki/certificate.hpp"

namespace adaos::node {
namespace {

constexpr int min_timeout = 1;
constexpr int max_timeout = 3600;

Result<Secret> code_of(Context& context, JoinOptions const& options) {
    auto const typed = cli::read_secret(options.code, context.secret_ways());
    if (!typed) return typed.error();
    return enrol::parse_code(typed->reveal());
}

}  // namespace

Result<net::Url> parse_url_option(char const* option, std::string const& text) {
    auto url = net::parse_url(text);
    if (!url) return with_context(url.error(), option);
    return url;
}

Result<std::string> parse_pin_option(std::optional<std::string> const& text, net::Url const& root) {
    if (!text) return std::string();
    auto pin = pki::parse_fingerprint(*text);
    if (!pin) return with_context(pin.error(), "--ca-fingerprint");
    if (root.scheme != "https") {
        return Error(Problem::invalid_field,
                     "--ca-fingerprint proves an https server, but the address is http");
    }
    return pin;
}

Result<std::string> parse_zone_option(std::optional<std::string> const& text) {
    if (!text) return std::string();
    auto zone = identity::canonical_zone(*text);
    if (!zone) return with_context(zone.error(), "--zone");
    return zone;
}

Result<JoinWish> check_join_options(Context& context, JoinOptions const& options) {
    JoinWish wish;
    auto root = parse_url_option("--root", options.root);
    if (!root) return root.error();
    if (options.hub_url) {
        auto const hub = parse_url_option("--hub-url", *options.hub_url);
        if (!hub) return hub.error();
        wish.hub_url = *options.hub_url;
    }
    auto zone = parse_zone_option(options.zone);
    if (!zone) return zone.error();
    if (options.timeout_seconds < min_timeout || options.timeout_seconds > max_timeout)
        return Error(Problem::invalid_field, "--timeout: 1 to 3600 seconds are allowed");
    auto pin = parse_pin_option(options.ca_fingerprint, *root);
    if (!pin) return pin.error();
    auto code = code_of(context, options);
    if (!code) return code.error();

    wish.root = std::move(*root);
    wish.zone = std::move(*zone);
    wish.pin = std::move(*pin);
    wish.code = std::move(*code);
    wish.timeout = std::chrono::seconds(options.timeout_seconds);
    return wish;
}

}  // namespace adaos::node
