#include "service/service.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "net/http_client.hpp"

#include <algorithm>

namespace adaos::service {
namespace {

constexpr std::string_view http_scheme = "http://";
constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::string_view tcp_unix_scheme = "tcp+unix:";

/// Longest path of a socket file, without its NUL (unix(7)).
constexpr std::size_t max_socket_path = 107;

Error wrong(std::string_view text, std::string const& why) {
    return Error(Problem::invalid_field, "target " + std::string(text) + ": " + why);
}

Result<Target> socket_file(std::string_view text, std::string_view path, Target::Speaks speaks) {
    if (!path.starts_with('/')) return wrong(text, "the path of a socket begins with /");
    if (path.size() > max_socket_path)
        return wrong(text, "the path of a socket has at most 107 bytes");
    return Target{speaks, {std::string(path), 0}, ""};
}

Result<Target> host_and_port(std::string_view text, std::string_view scheme,
                             Target::Speaks speaks) {
    // Read as a URL: hosts, ports and brackets have one grammar.
    auto const url = net::parse_url("http://" + std::string(text.substr(scheme.size())));
    if (!url) return wrong(text, "this is no host and port");
    if (url->path != "/" || text.find_first_of("?#") != std::string_view::npos)
        return wrong(text, "a service is a whole host: leave the path out");
    auto const after = text.substr(scheme.size());
    bool const has_port =
        after.find(':', after.starts_with('[') ? after.find(']') : 0) != std::string_view::npos;
    if (speaks == Target::Speaks::tcp && !has_port) return wrong(text, "a port is needed");
    return Target{speaks, {url->host, url->port}, url->authority()};
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    using Speaks = Target::Speaks;
    bool const plain =
        text.size() <= max_target_bytes &&
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
    if (!plain) return Error(Problem::invalid_field, "target: 1 to 300 visible ASCII characters");
    if (text.starts_with(http_scheme)) return host_and_port(text, http_scheme, Speaks::http);
    if (text.starts_with(tcp_scheme)) return host_and_port(text, tcp_scheme, Speaks::tcp);
    if (text.starts_with(unix_scheme))
        return socket_file(text, text.substr(unix_scheme.size()), Speaks::http);
    if (text.starts_with(tcp_unix_scheme))
        return socket_file(text, text.substr(tcp_unix_scheme.size()), Speaks::tcp);
    return wrong(text, "http://HOST:PORT, unix:/PATH, tcp://HOST:PORT or tcp+unix:/PATH is wanted");
}

Result<void> check(Service const& service) {
    if (!is_node_name(service.name))
        return Error(Problem::invalid_field,
                     "name: 1 to 63 of a-z, 0-9, - and _, not beginning with -");
    auto const target = parse_target(service.target);
    if (!target) return target.error();
    if (service.open && service.scope)
        return Error(Problem::invalid_field, "a public service has no scope");
    if (service.proxy_protocol && target->speaks != Target::Speaks::tcp)
        return Error(Problem::invalid_field,
                     "the PROXY protocol is for tcp targets; HTTP has X-Forwarded-For");
    return {};
}

}  // namespace adaos::service
