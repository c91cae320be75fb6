// The part of JSON Schema that docs/reference/openapi.yaml uses.
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/names.hpp"
#include "support/openapi.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>

namespace adaos::test {
namespace {

constexpr std::array known_keywords{
    "type",    "const",   "enum",    "required",      "properties", "additionalProperties",
    "items",   "minimum", "maximum", "minLength",     "maxLength",  "maxItems",
    "pattern", "format",  "oneOf",   "maxProperties", "default",    "contentEncoding",
};

Json const* keyword(Json const& object, char const* key) {
    auto const found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

bool is_of_type(std::string const& type, Json const& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "null") return value.is_null();
    throw std::logic_error("the type " + type + " is not known here");
}

bool fits_type(Json const& type, Json const& value) {
    if (type.is_string()) return is_of_type(type, value);
    return std::any_of(type.begin(), type.end(),
                       [&](Json const& one) { return is_of_type(one, value); });
}

bool fits_format(std::string const& format, std::string const& text) {
    if (format == "uuid") return is_node_id(text);
    if (format == "date-time") return parse_rfc3339(text) != WallTime{};
    throw std::logic_error("the format " + format + " is not known here");
}

/// Whether `limit`, a keyword of `schema` that may be absent, leaves room for `number`.
bool is_within(Json const& schema, char const* least, char const* most, std::int64_t number) {
    auto const* const from = keyword(schema, least);
    auto const* const to = keyword(schema, most);
    return (from == nullptr || number >= from->get<std::int64_t>()) &&
           (to == nullptr || number <= to->get<std::int64_t>());
}

std::string fault_of_text(Json const& schema, std::string const& text) {
    auto const bytes = static_cast<std::int64_t>(text.size());
    if (!is_within(schema, "minLength", "maxLength", bytes)) return "too short or too long";
    auto const* const pattern = keyword(schema, "pattern");
    if (pattern != nullptr && !std::regex_search(text, std::regex(pattern->get<std::string>())))
        return "not of the pattern " + pattern->get<std::string>();
    auto const* const format = keyword(schema, "format");
    if (format != nullptr && !fits_format(*format, text))
        return "not of the format " + format->get<std::string>();
    auto const* const encoding = keyword(schema, "contentEncoding");
    if (encoding != nullptr && (*encoding != "base64" || !from_base64(text))) return "not base64";
    return "";
}

void check_keywords(Json const& schema) {
    for (auto const& [key, unused] : schema.items())
        if (std::find(known_keywords.begin(), known_keywords.end(), key) == known_keywords.end())
            throw std::logic_error("the keyword " + key + " is not known here");
}

}  // namespace

Json OpenApi::flat(Json const& schema) const {
    auto out = Json::object();
    auto const take = [&out](Json const& part) {
        for (auto const& [key, value] : part.items()) {
            if (key == "properties")
                for (auto const& [name, property] : value.items()) out[key][name] = property;
            else if (key == "required")
                for (auto const& name : value) out[key].push_back(name);
            else if (key != "$ref" && key != "allOf" && key != "description")
                out[key] = value;
        }
    };
    if (schema.contains("$ref")) take(flat(resolved(schema)));
    if (auto const* const parts = keyword(schema, "allOf"))
        for (auto const& part : *parts) take(flat(part));
    take(schema);
    check_keywords(out);
    return out;
}

void OpenApi::look(Json const& said, Json const& value, std::string const& at,
                   std::vector<std::string>& into) const {
    auto const schema = flat(said);
    auto const fault = [&](std::string const& what) {
        into.push_back((at.empty() ? "the whole" : at) + ": " + what + ", " +
                       dump(value).substr(0, 80));
    };
    if (auto const* const ways = keyword(schema, "oneOf")) {
        auto const fits = [&](Json const& way) { return misfits(way, value).empty(); };
        if (std::count_if(ways->begin(), ways->end(), fits) != 1) fault("not one of the ways");
        return;
    }
    auto const* const type = keyword(schema, "type");
    if (type != nullptr && !fits_type(*type, value)) return fault("not of type " + dump(*type));
    auto const* const one = keyword(schema, "const");
    if (one != nullptr && *one != value) fault("not " + dump(*one));
    auto const* const words = keyword(schema, "enum");
    if (words != nullptr && std::find(words->begin(), words->end(), value) == words->end())
        fault("not one of " + dump(*words));
    if (value.is_string()) {
        if (auto const why = fault_of_text(schema, value); !why.empty()) fault(why);
    } else if (value.is_number_integer()) {
        if (!is_within(schema, "minimum", "maximum", value)) fault("out of bounds");
    } else if (value.is_array()) {
        auto const size = static_cast<std::int64_t>(value.size());
        if (!is_within(schema, "minItems", "maxItems", size)) fault("too long");
        auto const* const items = keyword(schema, "items");
        for (std::size_t i = 0; items != nullptr && i < value.size(); ++i)
            look(*items, value.at(i), at + "[" + std::to_string(i) + "]", into);
    } else if (value.is_object()) {
        auto const size = static_cast<std::int64_t>(value.size());
        if (!is_within(schema, "minProperties", "maxProperties", size)) fault("too many members");
        auto const* const required = keyword(schema, "required");
        for (auto const& name : required == nullptr ? Json::array() : *required)
            if (!value.contains(name.get<std::string>()))
                fault(name.get<std::string>() + " is missing");
        auto const* const properties = keyword(schema, "properties");
        auto const* const others = keyword(schema, "additionalProperties");
        for (auto const& [name, inner] : value.items()) {
            auto const* const property =
                properties == nullptr ? nullptr : keyword(*properties, name.c_str());
            if (property != nullptr)
                look(*property, inner, at + "." + name, into);
            else if (others != nullptr && others->is_object())
                look(*others, inner, at + "." + name, into);
            else if (others == nullptr || *others == false)
                fault("a member that is not described: " + name);
        }
    }
}

}  // namespace adaos::test
