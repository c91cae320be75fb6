#include "base/json.hpp"

#include "base/problem.hpp"

#include <set>
#include <vector>

namespace adaos {
namespace {

/// Watches the parser: refuses a key twice in one object, and too many keys. Depth is checked
/// before.
class Watch {
public:
    bool operator()(int, Json::parse_event_t event, Json& parsed) {
        using E = Json::parse_event_t;
        if (event == E::object_start) keys_.emplace_back();
        if (event == E::object_end && !keys_.empty()) keys_.pop_back();
        if (event == E::key && !keys_.empty() && why_ == nullptr) {
            if (!keys_.back().insert(parsed.get<std::string>()).second)
                why_ = "JSON with a duplicate key";
            else if (keys_.back().size() > max_json_keys)
                why_ = "JSON with too many keys in one object";
        }
        return why_ == nullptr;  // false: what follows is dropped and not stored
    }
    [[nodiscard]] char const* why() const noexcept { return why_; }

private:
    char const* why_ = nullptr;
    std::vector<std::set<std::string>> keys_;
};

/// A quick look before the parser builds anything: it recurses nowhere, but a deep tree costs
/// memory.
bool too_deep(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_json_depth) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

Json const* find(Json const& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    auto const it = object.find(std::string(key));
    return it == object.end() ? nullptr : &*it;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (too_deep(text)) return Error(Problem::bad_request, "JSON nested too deep");
    // The parser takes a NUL for the end and would not look at what follows.
    if (text.find('\0') != std::string_view::npos)
        return Error(Problem::bad_request, "not valid JSON");
    Watch watch;
    auto value = Json::parse(text.begin(), text.end(), std::ref(watch), false);
    if (watch.why() != nullptr) return Error(Problem::bad_request, watch.why());
    if (value.is_discarded()) return Error(Problem::bad_request, "not valid JSON");
    return value;
}

std::optional<std::string> find_string(Json const& object, std::string_view key) {
    auto const* const v = find(object, key);
    if (v == nullptr || !v->is_string()) return std::nullopt;
    return v->get<std::string>();
}

std::optional<std::int64_t> find_integer(Json const& object, std::string_view key) {
    auto const* const v = find(object, key);
    if (v == nullptr || !v->is_number_integer()) return std::nullopt;
    // From 2^63 on the value would come out negative.
    if (v->is_number_unsigned() && v->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
    return v->get<std::int64_t>();
}

std::optional<bool> find_bool(Json const& object, std::string_view key) {
    auto const* const v = find(object, key);
    if (v == nullptr || !v->is_boolean()) return std::nullopt;
    return v->get<bool>();
}

std::string string_or_empty(Json const& object, std::string_view key) {
    return find_string(object, key).value_or(std::string());
}

std::string dump(Json const& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_pretty(Json const& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace adaos
