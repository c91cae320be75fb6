#include "support/openapi.hpp"

#include "api/router.hpp"
#include "base/bytes.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace adaos::test {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view problem_type = "application/problem+json";

/// A plain scalar is what YAML's core schema takes it for, a quoted one a string.
Json scalar(YAML::Node const& node) {
    auto text = node.as<std::string>();
    if (node.Tag() == "!") return text;
    if (text == "true" || text == "false") return text == "true";
    if (text == "null" || text == "~" || text.empty()) return nullptr;
    std::int64_t number = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed == std::errc() && end == text.data() + text.size()) return number;
    return text;
}

Json to_json(YAML::Node const& node) {
    if (node.IsNull()) return nullptr;
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
        auto out = Json::array();
        for (auto const& item : node) out.push_back(to_json(item));
        return out;
    }
    auto out = Json::object();
    for (auto const& pair : node) {
        auto const key = pair.first.as<std::string>();
        if (out.contains(key)) throw std::logic_error("the key " + key + " twice");
        out.emplace(key, to_json(pair.second));
    }
    return out;
}

Json const* reach(Json const& whole, std::string_view reference) {
    if (!reference.starts_with("#/")) return nullptr;
    auto const* at = &whole;
    for (auto rest = reference.substr(2); !rest.empty();) {
        auto const end = std::min(rest.find('/'), rest.size());
        auto const found = at->is_object() ? at->find(std::string(rest.substr(0, end))) : at->end();
        if (found == at->end()) return nullptr;
        at = &*found;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return at;
}

void collect_dangling(Json const& whole, Json const& at, std::vector<std::string>& into) {
    if (at.is_object() && at.contains("$ref")) {
        auto const target = string_or_empty(at, "$ref");
        if (reach(whole, target) == nullptr) into.push_back(target);
    }
    if (!at.is_structured()) return;
    for (auto const& inner : at) collect_dangling(whole, inner, into);
}

Json const* member(Json const& object, char const* key) {
    auto const found = object.is_object() ? object.find(key) : object.end();
    return found == object.end() ? nullptr : &*found;
}

/// "application/json; charset=utf-8" without what follows.
std::string_view bare_type(std::string_view type) {
    return trim(type.substr(0, type.find(';')));
}

bool is_method(std::string_view key) {
    for (auto const* const method : {"get", "head", "options", "put", "post", "delete", "patch"})
        if (key == method) return true;
    return false;
}

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

OpenApi::OpenApi(std::string const& yaml) : whole_(to_json(YAML::Load(yaml))) {
    read_operations();
}

void OpenApi::read_operations() {
    for (auto const& [path, item] : whole_.at("paths").items()) {
        for (auto const& [method, said] : item.items()) {
            if (!is_method(method)) continue;
            Operation one;
            one.method = upper(method);
            one.path = path;
            one.id = string_or_empty(said, "operationId");
            one.said = &said;
            one.is_tree = find_bool(item, "x-adaos-tree").value_or(false);
            if (auto const* const servers = member(said, "x-adaos-servers"))
                for (auto const& server : *servers) one.servers.push_back(server);
            for (auto const* const holder : {&item, &said}) {
                auto const* const parameters = member(*holder, "parameters");
                if (parameters == nullptr) continue;
                for (auto const& parameter : *parameters)
                    if (string_or_empty(resolved(parameter), "in") == "path")
                        one.path_parameters.push_back(string_or_empty(resolved(parameter), "name"));
            }
            operations_.push_back(std::move(one));
        }
    }
}

std::vector<std::string> OpenApi::Operation::statuses() const {
    std::vector<std::string> out;
    for (auto const& [status, answer] : said->at("responses").items()) out.push_back(status);
    return out;
}

bool OpenApi::Operation::is_of(std::string_view server) const {
    return std::find(servers.begin(), servers.end(), server) != servers.end();
}

OpenApi::Operation const* OpenApi::find(std::string_view server, std::string_view method,
                                        std::string_view path) const {
    path = path.substr(0, path.find('?'));
    Operation const* best = nullptr;
    for (auto const& one : operations_) {
        if (one.method != method || !one.is_of(server)) continue;
        if (one.is_tree && path.starts_with(one.path.substr(0, one.path.find('{')))) return &one;
        if (!api::match_path(one.path, path)) continue;
        bool const is_exacter =
            best == nullptr || one.path_parameters.size() < best->path_parameters.size();
        if (is_exacter) best = &one;
    }
    return best;
}

std::vector<std::string> OpenApi::dangling() const {
    std::vector<std::string> out;
    collect_dangling(whole_, whole_, out);
    return out;
}

Json const& OpenApi::resolved(Json const& value) const {
    auto const* const reference = member(value, "$ref");
    if (reference == nullptr) return value;
    auto const* const target = reach(whole_, reference->get<std::string>());
    if (target == nullptr) throw std::logic_error("leads nowhere: " + dump(*reference));
    return resolved(*target);
}

std::vector<std::string> OpenApi::misfits_of_answer(Operation const& operation,
                                                    net::ResponseHead const& head,
                                                    std::string_view body) const {
    auto const& answers = operation.said->at("responses");
    auto const exact = answers.find(std::to_string(head.status));
    auto const range = answers.find(std::to_string(head.status / 100) + "XX");
    auto const found = exact == answers.end() ? range : exact;
    if (found == answers.end()) return {"the status " + std::to_string(head.status)};
    auto const& answer = resolved(*found);
    if (auto const* const fields = member(answer, "headers"))
        for (auto const& [name, field] : fields->items())
            if (find_bool(resolved(field), "required").value_or(false) &&
                head.fields.find(name) == nullptr)
                return {"without the field " + name};
    auto const* const content = member(answer, "content");
    // What is relayed is the other end's.
    if (content == nullptr && found == range) return {};
    if (content == nullptr) {
        if (body.empty()) return {};
        return {"a body"};
    }
    auto const* const said = head.fields.find("content-type");
    auto const type = said == nullptr ? std::string() : std::string(bare_type(*said));
    auto const* const media = member(*content, type.c_str());
    if (media == nullptr) return {"the media type " + type};
    auto const* const schema = member(*media, "schema");
    if (schema == nullptr || (type != json_type && type != problem_type)) return {};
    auto const json = parse_json(body);
    if (!json) return {"a body that is no JSON"};
    return misfits(*schema, *json);
}

std::vector<std::string> OpenApi::misfits_of_request(Operation const& operation,
                                                     std::string_view body) const {
    auto const* const taken = member(*operation.said, "requestBody");
    if (taken == nullptr) {
        if (body.empty()) return {};
        return {"a body"};
    }
    auto const* const media = member(resolved(*taken).at("content"), "application/json");
    if (media == nullptr) return {};
    if (body.empty() && !find_bool(resolved(*taken), "required").value_or(false)) return {};
    auto const json = parse_json(body);
    if (!json) return {"a body that is no JSON"};
    return misfits(media->at("schema"), *json);
}

std::vector<std::string> OpenApi::misfits(Json const& schema, Json const& value) const {
    std::vector<std::string> out;
    look(schema, value, "", out);
    return out;
}

}  // namespace adaos::test
