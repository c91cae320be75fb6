#include "base/json_body.hpp"

#include "base/problem.hpp"

namespace adaos {

Result<JsonBody> JsonBody::parse(std::string_view text) {
    auto object = parse_json(text);
    if (!object) return object.error();
    if (!object->is_object()) return Error(Problem::bad_request, "not a JSON object");
    return JsonBody(std::move(*object));
}

Json const* JsonBody::member(char const* key) const {
    auto const it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
}

void JsonBody::refuse(char const* key, std::string_view why) {
    if (wrong_.empty()) wrong_ = std::string(key) + ": " + std::string(why);
}

std::string JsonBody::text(char const* key, std::size_t most, std::string fallback) {
    auto const* const value = member(key);
    if (value == nullptr) return fallback;
    if (!value->is_string()) {
        refuse(key, "not a string");
        return fallback;
    }
    auto found = value->get<std::string>();
    if (found.size() > most || found.find('\0') != std::string::npos) {
        refuse(key, "too long or holds a NUL");
        return fallback;
    }
    return found;
}

std::int64_t JsonBody::integer(char const* key, std::int64_t least, std::int64_t most,
                               std::int64_t fallback) {
    if (member(key) == nullptr) return fallback;
    auto const found = find_integer(object_, key);
    if (found && *found >= least && *found <= most) return *found;
    refuse(key,
           "a number from " + std::to_string(least) + " to " + std::to_string(most) + " is needed");
    return fallback;
}

std::vector<std::string> JsonBody::texts(char const* key, std::size_t most,
                                         std::size_t most_bytes) {
    std::vector<std::string> found;
    auto const* const value = member(key);
    if (value == nullptr) return found;
    if (!value->is_array() || value->size() > most) {
        refuse(key, "not a list, or too long");
        return found;
    }
    for (auto const& item : *value) {
        if (!item.is_string() || item.get_ref<std::string const&>().size() > most_bytes) {
            refuse(key, "an item is no string, or too long");
            return {};
        }
        found.push_back(item.get<std::string>());
    }
    return found;
}

JsonBody JsonBody::object(char const* key) {
    auto const* const value = member(key);
    if (value != nullptr && value->is_object()) return JsonBody(*value);
    if (value != nullptr) refuse(key, "not an object");
    return JsonBody(Json::object());
}

bool JsonBody::flag(char const* key, bool fallback) {
    if (member(key) == nullptr) return fallback;
    auto const found = find_bool(object_, key);
    if (!found) refuse(key, "true or false is needed");
    return found.value_or(fallback);
}

std::string JsonBody::source() const {
    return object_.empty() ? std::string() : dump(object_);
}

Result<void> JsonBody::check() const {
    if (!wrong_.empty()) return Error(Problem::invalid_field, wrong_);
    return {};
}

}  // namespace adaos
