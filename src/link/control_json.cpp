#include "link/control_message.hpp"

#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

#include <array>
#include <initializer_list>
#include <utility>

namespace adaos::link {
namespace {

using Text = std::pair<char const*, std::string*>;

Error malformed(std::string_view what) {
    return Error(Problem::bad_request, "control message: " + std::string(what));
}

/// Fills the named texts from `json`; absent ones stay empty. False when one is too long or no
/// text.
bool read_texts(Json const& json, std::initializer_list<Text> texts) {
    for (auto const& [key, into] : texts) {
        auto const at = json.find(key);
        if (at == json.end() || at->is_null()) continue;
        auto text = find_string(json, key);
        if (!text || text->size() > max_control_text_bytes) return false;
        *into = std::move(*text);
    }
    return true;
}

std::string cut(std::string const& text) {
    return text.substr(0, max_control_text_bytes);
}

/// JSON text to be put into a message.
Result<Json> payload(std::string const& text) {
    if (text.size() > max_payload_bytes) return Error(Problem::body_too_large, "control payload");
    return parse_json(text);
}

Result<Json> to_json(Hello const& m) {
    Json json{{"t", "hello"},           {"v", link_version},
              {"node_id", m.node_id},   {"subnet_id", m.subnet_id},
              {"role", m.role},         {"name", m.name},
              {"hostname", m.hostname}, {"zone", m.zone},
              {"version", m.version},   {"instance", m.instance}};
    if (!m.architecture.empty()) json["architecture"] = m.architecture;
    if (m.overlaps) json["overlaps"] = true;
    return json;
}

Result<Json> to_json(HelloAck const& m) {
    Json json{{"t", "hello.ack"}, {"ok", m.ok}};
    if (!m.ok) json["error"] = m.error;
    if (!m.detail.empty()) json["detail"] = cut(m.detail);
    json["node_id"] = m.node_id;
    json["subnet_id"] = m.subnet_id;
    if (!m.node_name.empty()) json["node_name"] = m.node_name;
    json["server_time"] = m.server_time;
    return json;
}

Result<Json> to_json(Ping const& m) {
    return Json{{"t", "ping"}, {"n", m.n}};
}

Result<Json> to_json(Pong const& m) {
    return Json{{"t", "pong"}, {"n", m.n}};
}

Result<Json> to_json(NodeStatus const& m) {
    auto status = payload(m.json);
    if (!status) return status.error();
    if (!status->is_object()) return malformed("a status is an object");
    Json json{{"t", "node.status"}};
    json["status"] = std::move(*status);
    return json;
}

Result<Json> to_json(Call const& m) {
    if (m.method.size() > max_control_text_bytes) return malformed("method too long");
    Json json{{"t", "call"}, {"id", m.id}, {"method", m.method}};
    if (m.params.empty()) return json;
    auto params = payload(m.params);
    if (!params) return params.error();
    json["params"] = std::move(*params);
    return json;
}

Result<Json> to_json(CallResult const& m) {
    Json json{{"t", "result"}, {"id", m.id}, {"ok", m.ok}};
    if (!m.ok) {
        json["error"] = m.error;
        json["detail"] = cut(m.detail);
        return json;
    }
    if (m.result.empty()) return json;
    auto result = payload(m.result);
    if (!result) return result.error();
    json["result"] = std::move(*result);
    return json;
}

Result<Json> to_json(Bye const& m) {
    return Json{{"t", "bye"}, {"code", cut(m.code)}, {"detail", cut(m.detail)}};
}

Result<Json> to_json(UnknownMessage const&) {
    return malformed("nothing to send");
}

Result<ControlMessage> read_hello(Json const& json) {
    Hello m;
    if (!read_texts(json, {{"node_id", &m.node_id},
                           {"subnet_id", &m.subnet_id},
                           {"role", &m.role},
                           {"name", &m.name},
                           {"hostname", &m.hostname},
                           {"zone", &m.zone},
                           {"version", &m.version},
                           {"instance", &m.instance},
                           {"architecture", &m.architecture}}))
        return malformed("hello");
    m.overlaps = find_bool(json, "overlaps").value_or(false);
    return ControlMessage(std::move(m));
}

Result<ControlMessage> read_ack(Json const& json) {
    HelloAck m;
    auto const ok = find_bool(json, "ok");
    if (!ok ||
        !read_texts(json, {{"error", &m.error},
                           {"detail", &m.detail},
                           {"node_id", &m.node_id},
                           {"subnet_id", &m.subnet_id},
                           {"node_name", &m.node_name},
                           {"server_time", &m.server_time}}) ||
        (!m.node_name.empty() && !is_node_name(m.node_name)))
        return malformed("hello.ack");
    m.ok = *ok;
    return ControlMessage(std::move(m));
}

std::optional<std::uint64_t> find_number(Json const& json, char const* key) {
    auto const n = find_integer(json, key);
    if (!n || *n < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*n);
}

std::string inner(Json const& json, char const* key) {
    auto const at = json.find(key);
    return at == json.end() ? std::string() : dump(*at);
}

Result<ControlMessage> read_status(Json const& json) {
    auto const at = json.find("status");
    if (at == json.end() || !at->is_object()) return malformed("node.status");
    return ControlMessage(NodeStatus{dump(*at)});
}

Result<ControlMessage> read_call(Json const& json) {
    Call m;
    auto const id = find_number(json, "id");
    if (!id || !read_texts(json, {{"method", &m.method}}) || m.method.empty())
        return malformed("call");
    m.id = *id;
    m.params = inner(json, "params");
    return ControlMessage(std::move(m));
}

Result<ControlMessage> read_result(Json const& json) {
    CallResult m;
    auto const id = find_number(json, "id");
    auto const ok = find_bool(json, "ok");
    if (!id || !ok || !read_texts(json, {{"error", &m.error}, {"detail", &m.detail}}))
        return malformed("result");
    m.id = *id;
    m.ok = *ok;
    if (m.ok) m.result = inner(json, "result");
    return ControlMessage(std::move(m));
}

Result<ControlMessage> read_bye(Json const& json) {
    Bye m;
    if (!read_texts(json, {{"code", &m.code}, {"detail", &m.detail}})) return malformed("bye");
    return ControlMessage(std::move(m));
}

}  // namespace

Result<std::string> encode(ControlMessage const& message) {
    auto const json = std::visit([](auto const& m) { return to_json(m); }, message);
    if (!json) return json.error();
    auto const text = dump(*json);
    if (text.size() > max_control_bytes) return Error(Problem::body_too_large, "control message");
    std::string framed;
    framed.reserve(4 + text.size());
    for (int const shift : {24, 16, 8, 0})
        framed.push_back(static_cast<char>((text.size() >> shift) & 0xff));
    return framed += text;
}

Result<ControlMessage> decode(std::string_view text) {
    auto const parsed = parse_json(text);
    if (!parsed) return parsed.error();
    auto const& json = *parsed;
    auto const type = find_string(json, "t");
    if (!type) return malformed("no type");
    if (*type == "ping" || *type == "pong") {
        auto const n = find_number(json, "n").value_or(0);
        return *type == "ping" ? ControlMessage(Ping{n}) : ControlMessage(Pong{n});
    }
    if (*type == "hello") return read_hello(json);
    if (*type == "hello.ack") return read_ack(json);
    if (*type == "node.status") return read_status(json);
    if (*type == "call") return read_call(json);
    if (*type == "result") return read_result(json);
    if (*type == "bye") return read_bye(json);
    return ControlMessage(UnknownMessage());
}

CallResult to_wire(std::uint64_t id, Result<std::string> const& outcome) {
    CallResult m;
    m.id = id;
    m.ok = outcome.has_value();
    if (m.ok) {
        m.result = *outcome;
    } else {
        m.error = describe(outcome.error().code).id;
        m.detail = outcome.error().context;
    }
    return m;
}

Result<std::string> from_wire(CallResult const& message) {
    if (message.ok) return message.result;
    auto const* const known = find_problem(message.error);
    if (known == nullptr) return Error(Problem::bad_answer, message.error + ": " + message.detail);
    return Error(known->problem, message.detail);
}

}  // namespace adaos::link
