#include "base/json.hpp"
#include "support/mesh.hpp"

#include <charconv>

namespace adaos::test {

std::string json_at(std::string_view text, std::string_view path) {
    auto const json = parse_json(text);
    if (!json) return {};
    auto const* at = &*json;
    while (!path.empty()) {
        auto const dot = std::min(path.find('.'), path.size());
        auto const key = path.substr(0, dot);
        path.remove_prefix(std::min(dot + 1, path.size()));
        if (at->is_array()) {
            std::size_t index = 0;
            std::from_chars(key.data(), key.data() + key.size(), index);
            if (index >= at->size()) return {};
            at = &(*at)[index];
        } else {
            if (!at->is_object() || !at->contains(key)) return {};
            at = &(*at)[std::string(key)];
        }
    }
    return at->is_string() ? at->get<std::string>() : dump(*at);
}

std::string Mesh::member(MeshNode& hub, std::string const& node_id, std::string const& field) {
    auto const reply = local(hub, {.path = "/api/node/members"}).value();
    for (int i = 0;; ++i) {
        auto const row = "members." + std::to_string(i) + ".";
        auto const id = json_at(reply.body, row + "node_id");
        if (id.empty()) return {};
        if (id == node_id) return json_at(reply.body, row + field);
    }
}

}  // namespace adaos::test
