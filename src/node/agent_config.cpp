#include "node/agent_config.hpp"

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/access.hpp"
#include "net/http_client.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

namespace adaos::node {
namespace {

constexpr std::size_t max_yaml_bytes = 64 * 1024;
constexpr int least_port = 1024;
constexpr int most_port = 65535;
constexpr std::size_t max_text = 255;

Error bad_field(std::string const& field, std::string const& why) {
    return Error(Problem::config_invalid, field + ": " + why);
}

bool is_text(std::string_view text) {
    return !text.empty() && text.size() <= max_text &&
           std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_https(std::string const& text) {
    auto const url = net::parse_url(text);
    return url && url->scheme == "https" && is_text(text);
}

std::optional<int> parse_int(std::string_view text) {
    int value = 0;
    auto const [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

/// In double quotes, as YAML and JSON read them alike.
std::string quoted(std::string const& text) {
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

/// The value that stands behind `key:`; absent when it is malformed.
std::optional<std::string> unquoted(std::string_view rest) {
    rest = trim(rest);
    if (!rest.starts_with('"')) {
        auto const comment = rest.find(" #");
        auto const plain = trim(rest.substr(0, comment));
        if (plain.find_first_of("{}[]&*!|>'\"%@`#") == 0) return std::nullopt;
        if (plain.find(": ") != std::string_view::npos) return std::nullopt;
        return std::string(plain);
    }
    std::string out;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            auto const after = trim(rest.substr(i + 1));
            if (!after.empty() && !after.starts_with('#')) return std::nullopt;
            return out;
        }
        if (rest[i] == '\\') {
            if (i + 1 == rest.size() || (rest[i + 1] != '"' && rest[i + 1] != '\\'))
                return std::nullopt;
            ++i;
        }
        out += rest[i];
    }
    return std::nullopt;
}

Error broken(int line, std::string const& why) {
    return Error(Problem::config_broken, "line " + std::to_string(line) + ": " + why);
}

Result<std::map<std::string, std::string>> read_pairs(std::string_view text) {
    if (text.size() > max_yaml_bytes) return Error(Problem::config_broken, "more than 64 KiB");
    std::map<std::string, std::string> pairs;
    for (int number = 1; !text.empty(); ++number) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        auto const bare = trim(line);
        if (bare.empty() || bare.starts_with('#') || bare == "---") continue;
        auto const colon = line.find(':');
        bool const is_flat = line.front() != ' ' && line.front() != '\t';
        if (colon == std::string_view::npos || !is_flat)
            return broken(number, "key: value is needed");
        auto value = unquoted(line.substr(colon + 1));
        if (!value) return broken(number, "the value is no plain or double-quoted text");
        auto const key = std::string(trim(line.substr(0, colon)));
        if (!pairs.emplace(key, std::move(*value)).second) return broken(number, "a repeated key");
    }
    return pairs;
}

}  // namespace

Result<ListenAt> parse_listen(std::string_view text) {
    auto const colon = text.rfind(':');
    auto const port =
        colon == std::string_view::npos ? std::nullopt : parse_int(text.substr(colon + 1));
    auto host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!port || *port < 0 || *port > most_port || !is_text(host))
        return bad_field("listen", "address:port is needed");
    return ListenAt{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<void> check_agent_config(AgentConfig const& config) {
    if (!is_node_label(config.node_name) || is_node_id(config.node_name))
        return bad_field("node-name", "a lower-case RFC 1123 label of at most 63 characters");
    if (!is_https(config.control_plane_url)) return bad_field("cp-url", "https://host is needed");
    if (!is_https(config.advertised_endpoint))
        return bad_field("advertised-endpoint", "https://host is needed");
    if (!is_text(config.migration_host)) return bad_field("migration-host", "a host is needed");
    auto const start = config.migration_port_range_start;
    auto const end = config.migration_port_range_end;
    if (start < least_port || start > most_port)
        return bad_field("migration-port-range-start", "1024 to 65535");
    if (end < start || end > most_port)
        return bad_field("migration-port-range-end", "the start to 65535");
    if (auto const at = parse_listen(config.listen); !at) return at.error();
    if (config.heartbeat_interval < std::chrono::seconds(1) ||
        config.heartbeat_interval > std::chrono::hours(1))
        return bad_field("heartbeat-interval", "1s to 1h");
    if (config.request_timeout < std::chrono::seconds(1) ||
        config.request_timeout > std::chrono::minutes(10))
        return bad_field("request-timeout", "1s to 10m");
    for (auto const* path : {&config.key_path, &config.cert_path, &config.ca_path})
        if (!path->starts_with('/') || path->find_first_of("\r\n") != std::string::npos)
            return bad_field("cert-dir", "absolute paths are needed");
    return {};
}

std::string agent_yaml(AgentConfig const& config) {
    auto const seconds = [](std::chrono::seconds s) { return std::to_string(s.count()) + "s"; };
    std::string out =
        "# Written once by adaos agent bootstrap; yours to edit. bootstrap never overwrites it:\n"
        "# delete it and run bootstrap --force to have it made anew.\n\n";
    out += "# Where this agent serves its peers over mTLS.\n";
    out += "listen: " + quoted(config.listen) + "\n\n";
    out += "control_plane_url: " + quoted(config.control_plane_url) + "\n";
    out += "node_name: " + quoted(config.node_name) + "\n\n";
    out += "# How often this node reports.\n";
    out += "heartbeat_interval: " + seconds(config.heartbeat_interval) + "\n\n";
    out += "key_path: " + quoted(config.key_path) + "\n";
    out += "cert_path: " + quoted(config.cert_path) + "\n";
    out += "ca_path: " + quoted(config.ca_path) + "\n\n";
    out += "advertised_endpoint: " + quoted(config.advertised_endpoint) + "\n";
    out += "migration_host: " + quoted(config.migration_host) + "\n";
    out += "migration_port_range_start: " + std::to_string(config.migration_port_range_start);
    out += "\nmigration_port_range_end: " + std::to_string(config.migration_port_range_end);
    out += "\n\n# Of one request to the control plane.\n";
    bool const usual = config.request_timeout == std::chrono::seconds(30);
    out += (usual ? "# request_timeout: " : "request_timeout: ") + seconds(config.request_timeout);
    return out + "\n";
}

Result<AgentConfig> parse_agent_yaml(std::string_view text) {
    auto pairs = read_pairs(text);
    if (!pairs) return pairs.error();
    AgentConfig config;
    std::string interval, timeout, start, end;
    struct Field {
        char const* key;
        std::string* into;
        bool is_needed = true;
    };
    std::vector<Field> const fields{{"listen", &config.listen},
                                    {"control_plane_url", &config.control_plane_url},
                                    {"node_name", &config.node_name},
                                    {"heartbeat_interval", &interval, false},
                                    {"request_timeout", &timeout, false},
                                    {"key_path", &config.key_path},
                                    {"cert_path", &config.cert_path},
                                    {"ca_path", &config.ca_path},
                                    {"advertised_endpoint", &config.advertised_endpoint},
                                    {"migration_host", &config.migration_host},
                                    {"migration_port_range_start", &start, false},
                                    {"migration_port_range_end", &end, false}};
    for (auto const& field : fields) {
        auto const found = pairs->find(field.key);
        if (found == pairs->end() && field.is_needed) return bad_field(field.key, "it is missing");
        if (found == pairs->end()) continue;
        *field.into = std::move(found->second);
        pairs->erase(found);
    }
    if (!pairs->empty()) return bad_field(pairs->begin()->first, "this key is not known");
    auto const number = [&](char const* key, std::string const& from, int& into) -> Result<void> {
        auto const value = from.empty() ? std::optional(into) : parse_int(from);
        if (!value) return bad_field(key, "a whole number is needed");
        into = *value;
        return {};
    };
    auto const duration = [&](char const* key, std::string const& from,
                              std::chrono::seconds& into) -> Result<void> {
        auto const value =
            from.empty() ? Result<std::chrono::seconds>(into) : enrol::parse_duration(from);
        if (!value) return bad_field(key, "a duration is like 30s or 2m");
        into = *value;
        return {};
    };
    if (auto ok = number("migration_port_range_start", start, config.migration_port_range_start);
        !ok)
        return ok.error();
    if (auto ok = number("migration_port_range_end", end, config.migration_port_range_end); !ok)
        return ok.error();
    if (auto ok = duration("heartbeat_interval", interval, config.heartbeat_interval); !ok)
        return ok.error();
    if (auto ok = duration("request_timeout", timeout, config.request_timeout); !ok)
        return ok.error();
    if (auto const sound = check_agent_config(config); !sound) return sound.error();
    return config;
}

}  // namespace adaos::node
