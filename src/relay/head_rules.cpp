#include "relay/head_rules.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace adaos::relay {
namespace {

using net::Field;
using net::Fields;

constexpr std::array<std::string_view, 9> hop_by_hop{
    "connection", "keep-alive", "proxy-connection", "te",     "transfer-encoding",
    "upgrade",    "trailer",    "content-length",   "expect",
};

/// Never removed because a caller listed them in Connection (threat 50).
constexpr std::array<std::string_view, 6> end_to_end{
    "authorization", "cookie", "host", "content-type", "x-adaos-scope", "cache-control",
};

/// Most adaos hops on one path: Root, hub, member, with room for a subnet behind a subnet.
constexpr std::size_t most_hops = 6;

bool one_of(auto const& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

bool has_prefix(std::string_view name, std::string_view prefix) {
    return name.size() >= prefix.size() &&
           equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

/// A stranger's word about who is calling. A token proves it: the hub checks that.
bool claims_identity(std::string_view name) {
    if (equal_ignoring_case(name, "x-adaos-token")) return false;
    return has_prefix(name, "x-adaos-") || has_prefix(name, "x-forwarded-") ||
           has_prefix(name, "x-ssl-") || has_prefix(name, "x-client-cert") ||
           equal_ignoring_case(name, "forwarded") || equal_ignoring_case(name, "x-real-ip") ||
           equal_ignoring_case(name, "client-cert") || equal_ignoring_case(name, "x-subnet");
}

/// Copies without hop-by-hop fields and those that `Connection` lists.
Fields end_to_end_fields(Fields const& in) {
    Fields out;
    for (auto const& f : in.all()) {
        if (one_of(hop_by_hop, f.name)) continue;
        if (in.has_token("connection", f.name) && !one_of(end_to_end, f.name)) continue;
        out.add(f.name, f.value);
    }
    return out;
}

void append_list(Fields& fields, std::string_view name, std::string const& item) {
    std::string value;
    for (auto const& f : fields.all())
        if (equal_ignoring_case(f.name, name)) value += value.empty() ? f.value : ", " + f.value;
    fields.set(name, value.empty() ? item : value + ", " + item);
}

/// RFC 7239 wants IPv6 in brackets and quotes.
std::string forwarded_for(std::string const& address) {
    return address.find(':') == std::string::npos ? address : "\"[" + address + "]\"";
}

void set_forwarded(Fields& fields, net::Peer const& peer, Route const& route) {
    if (route.edge == Edge::yes) {
        auto const* const found = fields.find("host");
        // A copy: setting a field may move all of them.
        auto const host = found == nullptr ? std::string() : *found;
        std::string const proto = peer.tls ? "https" : "http";
        fields.set("X-Forwarded-For", peer.address);
        fields.set("X-Forwarded-Proto", proto);
        auto forwarded = "for=" + forwarded_for(peer.address) + ";proto=" + proto;
        if (!host.empty()) {
            forwarded += ";host=\"" + host + '"';
            fields.set("X-Forwarded-Host", host);
        }
        fields.set("Forwarded", forwarded);
        fields.set("X-Forwarded-Prefix", route.prefix);
        return;
    }
    auto const* const above = fields.find("x-forwarded-prefix");
    fields.set("X-Forwarded-Prefix", (above == nullptr ? "" : *above) + route.prefix);
}

}  // namespace

bool is_upgrade(net::RequestHead const& head) {
    return head.fields.has_token("connection", "upgrade") && head.fields.find("upgrade") != nullptr;
}

bool is_loop(net::RequestHead const& head) {
    std::size_t hops = 0;
    for (auto const& f : head.fields.all()) {
        if (!equal_ignoring_case(f.name, "via")) continue;
        for (auto at = f.value.find(" adaos-"); at != std::string::npos;
             at = f.value.find(" adaos-", at + 1))
            ++hops;
    }
    return hops >= most_hops;
}

net::RequestHead onward_request(net::RequestHead const& in, net::Peer const& peer,
                                Route const& route) {
    net::RequestHead out;
    out.method = in.method;
    out.target = route.target;
    out.fields = end_to_end_fields(in.fields);
    if (route.edge == Edge::yes)
        out.fields.remove_if([](Field const& f) { return claims_identity(f.name); });
    set_forwarded(out.fields, peer, route);
    append_list(out.fields, "Via", "1.1 " + route.hop);
    if (auto const* const upgrade = in.fields.find("upgrade"); upgrade && is_upgrade(in)) {
        out.fields.set("Connection", "Upgrade");
        out.fields.set("Upgrade", *upgrade);
    }
    for (auto const& f : route.add.all()) out.fields.set(f.name, f.value);
    return out;
}

net::ResponseHead onward_response(net::ResponseHead in, Route const& route) {
    net::ResponseHead out;
    out.status = in.status;
    out.reason = std::move(in.reason);
    out.fields = end_to_end_fields(in.fields);
    out.fields.remove_if([](Field const& f) { return has_prefix(f.name, "x-adaos-"); });
    if (in.status == 101 || in.status == 426) {  // both tell a protocol (RFC 9110, section 7.8)
        out.fields.set("Connection", "Upgrade");
        if (auto const* const upgrade = in.fields.find("upgrade"))
            out.fields.set("Upgrade", *upgrade);
    }
    append_list(out.fields, "Via", "1.1 " + route.hop);
    return out;
}

net::Framing onward_framing(net::ResponseHead const& head, net::Framing received,
                            std::string_view method) {
    if (method != "HEAD" && head.status != 304) return received;
    auto const* const declared = head.fields.find("content-length");
    std::uint64_t length = 0;
    if (declared == nullptr) return received;
    auto const* const end = declared->data() + declared->size();
    auto const [stop, failed] = std::from_chars(declared->data(), end, length);
    if (failed != std::errc() || stop != end) return received;
    return {net::Framing::Kind::length, length};
}

std::string proxy_status(std::string_view hop, Error const& error) {
    // RFC 9209 2.3: error types with the meaning nearest to ours.
    auto const& info = describe(error.code);
    std::string_view type = "proxy_internal_error";
    switch (info.problem) {
        case Problem::hub_offline:
        case Problem::node_offline: type = "destination_unavailable"; break;
        case Problem::subnet_unknown:
        case Problem::node_unknown: type = "destination_not_found"; break;
        case Problem::link_lost: type = "connection_terminated"; break;
        case Problem::upstream_refused:
        case Problem::unreachable: type = "connection_refused"; break;
        case Problem::upstream_slow:
        case Problem::timed_out: type = "connection_timeout"; break;
        case Problem::upstream_broken: type = "http_protocol_error"; break;
        case Problem::relay_busy: type = "connection_limit_reached"; break;
        case Problem::bad_request: type = "http_request_error"; break;
        default: break;
    }
    std::string out(hop);
    out.append("; error=").append(type).append("; details=\"").append(info.title).append("\"");
    return out;
}

}  // namespace adaos::relay
