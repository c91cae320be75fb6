#include "registry/heartbeat.hpp"

#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

#include <algorithm>

namespace adaos::registry {
namespace {

constexpr std::size_t max_text_bytes = 255;
constexpr std::size_t max_labels = 64;
constexpr std::size_t max_hardware_bytes = 8 * 1024;
constexpr std::int64_t least_port = 1024;
constexpr std::int64_t most_port = 65535;

Error wrong(std::string_view member, std::string_view why) {
    return Error(Problem::validation, std::string(member) + ": " + std::string(why));
}

Result<void> read_text(Json const& value, std::string_view member, std::string& into) {
    if (!value.is_string()) return wrong(member, "not a string");
    into = value.get<std::string>();
    bool const plain = std::all_of(into.begin(), into.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    });
    if (into.size() > max_text_bytes || !plain) return wrong(member, "too long, or no plain text");
    return {};
}

Result<void> read_port(Json const& value, std::string_view member,
                       std::optional<std::int64_t>& into) {
    if (!value.is_number_integer()) return wrong(member, "not a whole number");
    auto const port = value.get<std::int64_t>();
    if (port < least_port || port > most_port) return wrong(member, "1024 to 65535 are allowed");
    into = port;
    return {};
}

bool is_https_url(std::string_view text) {
    constexpr std::string_view scheme = "https://";
    if (!text.starts_with(scheme)) return false;
    auto const host = text.substr(scheme.size());
    return !host.empty() && host.find_first_of("/:?#@ ") != 0 &&
           host.find_first_of("@ ") == std::string_view::npos;
}

Result<void> read_labels(Json const& value, std::string& into) {
    if (!value.is_object() || value.size() > max_labels)
        return wrong("labels", "an object of at most 64 texts is needed");
    for (auto const& [key, text] : value.items())
        if (!text.is_string() || key.size() > max_text_bytes ||
            text.get_ref<std::string const&>().size() > max_text_bytes)
            return wrong("labels", "a label is a text of at most 255 bytes");
    into = dump(value);
    return {};
}

Result<void> read_hardware(Json const& value, std::string& into) {
    if (!value.is_object()) return wrong("hardware", "not an object");
    into = dump(value);
    if (into.size() > max_hardware_bytes) return wrong("hardware", "more than 8 KiB");
    return {};
}

Result<void> read_member(std::string const& key, Json const& value, Heartbeat& into) {
    auto& what = into.inventory;
    if (key == "architecture") {
        if (auto ok = read_text(value, key, what.architecture); !ok) return ok;
        if (what.architecture != "amd64" && what.architecture != "arm64")
            return wrong(key, "amd64 or arm64");
        return {};
    }
    if (key == "advertised_endpoint") {
        if (auto ok = read_text(value, key, what.advertised_endpoint); !ok) return ok;
        if (!is_https_url(what.advertised_endpoint)) return wrong(key, "https://host is needed");
        return {};
    }
    if (key == "provisioning") {
        std::string word;
        if (auto ok = read_text(value, key, word); !ok) return ok;
        into.provisioning = identity::parse_provisioning(word);
        if (!into.provisioning) return wrong(key, "an unknown word");
        return {};
    }
    if (key == "agent_version") return read_text(value, key, what.agent_version);
    if (key == "migration_host") return read_text(value, key, what.migration_host);
    if (key == "provisioning_cause") return read_text(value, key, into.provisioning_cause);
    if (key == "migration_port_range_start")
        return read_port(value, key, what.migration_port_start);
    if (key == "migration_port_range_end") return read_port(value, key, what.migration_port_end);
    if (key == "labels") return read_labels(value, what.labels_json);
    if (key == "hardware") return read_hardware(value, what.hardware_json);
    return wrong(key, "this member is not known");
}

void put(Json& json, char const* key, std::string const& text) {
    if (!text.empty()) json[key] = text;
}

void put_object(Json& json, char const* key, std::string const& text) {
    if (text.empty()) return;
    if (auto const object = parse_json(text); object && object->is_object()) json[key] = *object;
}

Json millis_or_null(std::optional<WallTime> const& t) {
    return t ? Json(to_millis(*t)) : Json();
}

std::optional<WallTime> find_millis(Json const& object, std::string_view key) {
    auto const ms = find_integer(object, key);
    if (!ms || *ms <= 0) return std::nullopt;
    return from_millis(*ms);
}

Result<NodeReport> report_from(Json const& object) {
    auto const bad = [](char const* field) { return Error(Problem::invalid_field, field); };
    NodeReport r;
    r.node_id = string_or_empty(object, "node_id");
    if (!is_node_id(r.node_id)) return bad("node_id");
    auto const enrolment = parse_enrolment(string_or_empty(object, "enrolment"));
    auto const provisioning = identity::parse_provisioning(string_or_empty(object, "provisioning"));
    auto const scheduling = parse_scheduling(string_or_empty(object, "scheduling"));
    r.removed_at = find_millis(object, "removed_ms");
    if (!enrolment || (*enrolment == Enrolment::deleted) != r.removed_at.has_value())
        return bad("enrolment");
    if (!provisioning) return bad("provisioning");
    if (!scheduling) return bad("scheduling");
    r.axes = {*enrolment,
              *provisioning,
              *scheduling,
              find_bool(object, "connected").value_or(false),
              find_millis(object, "last_heartbeat_ms"),
              find_bool(object, "posts").value_or(false)};
    r.provisioning_cause = string_or_empty(object, "provisioning_cause").substr(0, max_text_bytes);
    r.cordoned_at = find_millis(object, "cordoned_ms");
    r.cordoned_by = string_or_empty(object, "cordoned_by").substr(0, max_text_bytes);
    r.agent_version = string_or_empty(object, "agent_version").substr(0, max_text_bytes);
    r.architecture = string_or_empty(object, "architecture");
    if (!r.architecture.empty() && r.architecture != "amd64" && r.architecture != "arm64")
        return bad("architecture");
    return r;
}

}  // namespace

Result<Heartbeat> heartbeat_from_json(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    if (!json->is_object()) return Error(Problem::bad_request, "a heartbeat is a JSON object");
    Heartbeat out;
    for (auto const& [key, value] : json->items())
        if (auto ok = read_member(key, value, out); !ok) return ok.error();
    auto const& what = out.inventory;
    if (what.migration_port_start.has_value() != what.migration_port_end.has_value())
        return wrong("migration_port_range_end", "a range has a start and an end");
    if (what.migration_port_start && *what.migration_port_end < *what.migration_port_start)
        return wrong("migration_port_range_end", "below the start");
    return out;
}

std::string to_json(Heartbeat const& heartbeat) {
    auto const& what = heartbeat.inventory;
    Json json = Json::object();
    put(json, "architecture", what.architecture);
    put(json, "agent_version", what.agent_version);
    put(json, "advertised_endpoint", what.advertised_endpoint);
    put(json, "migration_host", what.migration_host);
    if (what.migration_port_start) json["migration_port_range_start"] = *what.migration_port_start;
    if (what.migration_port_end) json["migration_port_range_end"] = *what.migration_port_end;
    put_object(json, "labels", what.labels_json);
    put_object(json, "hardware", what.hardware_json);
    if (heartbeat.provisioning)
        json["provisioning"] = identity::provisioning_name(*heartbeat.provisioning);
    put(json, "provisioning_cause", heartbeat.provisioning_cause);
    return dump(json);
}

std::string to_json(std::vector<NodeReport> const& reports) {
    Json rows = Json::array();
    for (auto const& r : reports) {
        Json row;
        row["node_id"] = r.node_id;
        row["connected"] = r.axes.connected;
        row["posts"] = r.axes.posts;
        row["last_heartbeat_ms"] = millis_or_null(r.axes.last_heartbeat_at);
        row["enrolment"] = enrolment_name(r.axes.enrolment);
        row["provisioning"] = identity::provisioning_name(r.axes.provisioning);
        row["scheduling"] = scheduling_name(r.axes.scheduling);
        row["cordoned_ms"] = millis_or_null(r.cordoned_at);
        if (r.removed_at) row["removed_ms"] = to_millis(*r.removed_at);
        put(row, "provisioning_cause", r.provisioning_cause);
        put(row, "cordoned_by", r.cordoned_by);
        put(row, "architecture", r.architecture);
        put(row, "agent_version", r.agent_version);
        rows.push_back(std::move(row));
    }
    Json json;
    json["nodes"] = std::move(rows);
    return dump(json);
}

Result<std::vector<NodeReport>> reports_from_json(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    auto const rows = json->is_object() ? json->find("nodes") : json->end();
    if (rows == json->end() || !rows->is_array() || rows->size() > max_reports)
        return Error(Problem::bad_request, "nodes: an array of at most 100 is needed");
    std::vector<NodeReport> out;
    for (auto const& row : *rows) {
        auto report = report_from(row);
        if (!report) return report.error();
        out.push_back(std::move(*report));
    }
    return out;
}

}  // namespace adaos::registry
