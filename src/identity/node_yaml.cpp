#include "identity/node_yaml.hpp"

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "pki/certificate.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace adaos::identity {
namespace {

constexpr std::size_t max_names = 8;
constexpr std::size_t max_name_bytes = 80;
constexpr std::size_t max_url_bytes = 512;

/// Thrown out of yaml-cpp's parser by Gate; caught in this file.
struct Refused {
    int line;
    std::string reason;
};

/// Sees the events before any tree is built, and refuses what node.yaml has no use for: anchors
/// and aliases (they multiply), tags (they name types), deep nesting, repeated or complex keys.
class Gate final : public YAML::EventHandler {
public:
    void OnDocumentStart(YAML::Mark const&) override {}
    void OnDocumentEnd() override {}
    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        check(mark, "", anchor);
        if (expects_key()) refuse(mark, "a key that is no plain word");
        key_or_value(mark, std::string());
    }
    void OnAlias(YAML::Mark const& mark, YAML::anchor_t) override { refuse(mark, "an alias"); }
    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  std::string const& value) override {
        check(mark, tag, anchor);
        key_or_value(mark, value);
    }
    void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor);
        levels_.push_back({});
    }
    void OnSequenceEnd() override { levels_.pop_back(); }
    void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor);
        levels_.push_back({.is_map = true, .expects_key = true, .keys = {}});
    }
    void OnMapEnd() override { levels_.pop_back(); }

private:
    struct Level {
        bool is_map = false;
        bool expects_key = false;
        std::set<std::string> keys;
    };

    [[noreturn]] static void refuse(YAML::Mark const& mark, std::string what) {
        throw Refused{mark.line + 1, std::move(what) + " is not accepted here"};
    }
    static void check(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor) {
        if (anchor != 0) refuse(mark, "an anchor");
        // "?" is a plain scalar's tag and "!" a quoted one's.
        if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "a tag");
    }
    void open(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor) {
        check(mark, tag, anchor);
        if (levels_.size() >= max_node_yaml_depth) refuse(mark, "nesting this deep");
        if (expects_key()) refuse(mark, "a key that is no plain word");
        if (!levels_.empty()) levels_.back().expects_key = true;
    }
    bool expects_key() const {
        return !levels_.empty() && levels_.back().is_map && levels_.back().expects_key;
    }
    void key_or_value(YAML::Mark const& mark, std::string const& text) {
        if (levels_.empty() || !levels_.back().is_map) return;
        auto& level = levels_.back();
        if (level.expects_key && !level.keys.insert(text).second) refuse(mark, "a repeated key");
        level.expects_key = !level.expects_key;
    }

    std::vector<Level> levels_;
};

/// Keys of AdaOS's older node.yaml that held secrets: dropped when the file is written again.
constexpr std::string_view dropped[]{"token", "nats", "root_state"};

Error invalid(YAML::Node const& value, std::string_view key, std::string_view want) {
    return {Problem::config_invalid, "node.yaml line " + std::to_string(value.Mark().line + 1) +
                                         ": " + std::string(key) + ": " + std::string(want)};
}

bool is_text(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Scheme, host and printable ASCII; the dialer parses the rest.
bool is_url(std::string_view text) {
    std::size_t const scheme = text.starts_with("https://")  ? 8
                               : text.starts_with("http://") ? 7
                                                             : 0;
    if (scheme == 0 || text.size() <= scheme || text.size() > max_url_bytes) return false;
    if (text[scheme] == '/' || text[scheme] == ':') return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view("\"<>\\^`{|}@#").find(c) == std::string_view::npos;
    });
}

/// Undefined when absent. (Node's own operator[] adds the key, or answers with a node whose every
/// use throws.)
YAML::Node find_key(YAML::Node const& map, std::string_view key) {
    if (map.IsMap()) {
        for (auto const& entry : map)
            if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
    }
    return YAML::Node(YAML::NodeType::Undefined);
}

/// Takes keys out of a mapping: what is left over at the end is what we do not know.
class Taker {
public:
    explicit Taker(YAML::Node map) : map_(std::move(map)) {}

    /// Errors: config_invalid.
    Result<std::string> text(char const* key, bool (*accepts)(std::string_view),
                             std::string_view want) {
        auto const value = take(key);
        if (!value || value.IsNull()) return std::string();
        if (!value.IsScalar()) return invalid(value, key, want);
        auto found = value.Scalar();
        if (!found.empty() && !accepts(found)) return invalid(value, key, want);
        return found;
    }
    YAML::Node take(char const* key) {
        auto const value = find_key(map_, key);
        if (value) map_.remove(key);
        return value;
    }

private:
    YAML::Node map_;
};

Result<std::vector<std::string>> names(YAML::Node const& list) {
    std::vector<std::string> out;
    if (!list || list.IsNull()) return out;
    auto const want = "a list of at most 8 names of at most 80 characters";
    if (!list.IsSequence() || list.size() > max_names) return invalid(list, "node_names", want);
    std::set<std::string> seen;
    for (auto const& item : list) {
        if (!item.IsScalar()) return invalid(item, "node_names", want);
        std::string const name(trim(item.Scalar()));
        if (name.empty()) continue;
        if (name.size() > max_name_bytes || !is_text(name))
            return invalid(item, "node_names", want);
        if (seen.insert(to_lower(name)).second) out.push_back(name);
    }
    return out;
}

std::string left_over(YAML::Node const& map) {
    if (!map.IsMap() || map.size() == 0) return {};
    YAML::Emitter out;
    out << map;
    return std::string(out.c_str(), out.size());
}

/// One of the nested mappings (`root`, `node`), taken apart by `use`; dropped when nothing is left.
template <class Use>
Result<void> nested(YAML::Node& top, char const* key, Use const& use) {
    auto const map = find_key(top, key);
    if (!map) return {};
    if (!map.IsMap()) {
        if (!map.IsNull()) return invalid(map, key, "a mapping");
        top.remove(key);
        return {};
    }
    Taker taker(map);
    if (Result<void> used = use(taker); used.has_error()) return used;
    if (map.size() == 0) top.remove(key);
    return {};
}

Result<void> identity_keys(Taker& top, ParsedYaml& out) {
    auto& config = out.config;
    auto node_id = top.text("node_id", is_node_id, "a lower-case UUID");
    if (!node_id) return node_id.error();
    auto subnet_id = top.text("subnet_id", is_subnet_id, "sn_ and 8 lower-case hex digits");
    if (!subnet_id) return subnet_id.error();
    auto const role = top.text(
        "role", [](std::string_view t) { return parse_role(t).has_value(); }, "hub or member");
    if (!role) return role.error();
    auto const zone = top.text(
        "zone_id", [](std::string_view t) { return canonical_zone(t).has_value(); }, "two letters");
    if (!zone) return zone.error();
    config.node_id = std::move(*node_id);
    config.subnet_id = std::move(*subnet_id);
    if (auto const parsed = parse_role(*role)) {
        config.role = *parsed;
        out.has_role = true;
    }
    if (!zone->empty()) config.zone_id = *canonical_zone(*zone);
    return {};
}

Result<void> address_keys(Taker& top, NodeConfig& config) {
    auto const want = "an http or https URL";
    auto hub_url = top.text("hub_url", is_url, want);
    if (!hub_url) return hub_url.error();
    auto hub_node_id = top.text("hub_node_id", is_node_id, "a lower-case UUID");
    if (!hub_node_id) return hub_node_id.error();
    auto local = top.text("local_api_url", is_url, want);
    if (!local) return local.error();
    config.hub_url = std::move(*hub_url);
    config.hub_node_id = std::move(*hub_node_id);
    config.local_api_url = std::move(*local);
    return {};
}

Result<void> root_keys(Taker& root, NodeConfig& config) {
    auto base = root.text("base_url", is_url, "an http or https URL");
    if (!base) return base.error();
    auto const pin = root.text(
        "ca_fingerprint", [](std::string_view t) { return pki::parse_fingerprint(t).has_value(); },
        "sha256: and 64 hex digits");
    if (!pin) return pin.error();
    config.root_base_url = std::move(*base);
    if (!pin->empty()) config.root_ca_fingerprint = *pki::parse_fingerprint(*pin);
    return {};
}

Result<ParsedYaml> read_tree(YAML::Node top) {
    ParsedYaml out;
    if (!top || top.IsNull()) return out;
    if (!top.IsMap()) return Error(Problem::config_broken, "node.yaml holds no mapping");
    Taker taker(top);
    if (auto done = identity_keys(taker, out); done.has_error()) return done.error();
    if (auto done = address_keys(taker, out.config); done.has_error()) return done.error();
    auto done = nested(top, "root", [&](Taker& t) { return root_keys(t, out.config); });
    if (done.has_error()) return done.error();
    done = nested(top, "node", [&](Taker& t) -> Result<void> {
        auto list = names(t.take("node_names"));
        if (!list) return list.error();
        out.config.node_names = std::move(*list);
        return {};
    });
    if (done.has_error()) return done.error();
    for (auto const key : dropped) (void)taker.take(key.data());
    out.config.extra_yaml = left_over(top);
    return out;
}

void put(YAML::Node map, char const* key, std::string const& value) {
    if (!value.empty()) map[key] = value;
}

}  // namespace

namespace {

/// Throws Refused or a YAML::Exception for what may not be in node.yaml.
Result<void> gate(std::string const& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Gate handler;
    if (parser.HandleNextDocument(handler) && parser.HandleNextDocument(handler))
        return Error(Problem::config_broken, "node.yaml holds more than one document");
    return {};
}

Result<ParsedYaml> parse_once(std::string const& text) try {
    if (auto const done = gate(text); done.has_error()) return done.error();
    return read_tree(YAML::Load(text));
} catch (Refused const& refused) {
    return Error(Problem::config_broken,
                 "node.yaml line " + std::to_string(refused.line) + ": " + refused.reason);
} catch (YAML::Exception const& e) {
    return Error(Problem::config_broken,
                 "node.yaml line " + std::to_string(e.mark.line + 1) + ": " + e.msg);
}

/// yaml-cpp 0.7 writes a few scalars of unknown keys in a way that it reads otherwise, or not at
/// all: such a key would break the file at its next rewrite.
bool survives_rewrite(NodeConfig const& config) {
    if (config.extra_yaml.empty()) return true;
    auto const text = to_yaml(config);
    if (text.size() > max_node_yaml_bytes) return false;
    auto const again = parse_once(text);
    return again && to_yaml(again->config) == text;
}

}  // namespace

Result<ParsedYaml> parse_yaml(std::string_view text) {
    if (text.size() > max_node_yaml_bytes)
        return Error(Problem::config_broken, "node.yaml is larger than 64 KiB");
    if (text.find('\0') != std::string_view::npos)
        return Error(Problem::config_broken, "node.yaml holds a zero byte");
    if (!is_utf8(text)) return Error(Problem::config_broken, "node.yaml is not UTF-8");
    auto read = parse_once(std::string(text));
    if (read && !survives_rewrite(read->config))
        return Error(Problem::config_broken, "node.yaml holds a key that a rewrite would not keep");
    return read;
}

std::string to_yaml(NodeConfig const& config) {
    YAML::Node top(YAML::NodeType::Map);
    put(top, "node_id", config.node_id);
    put(top, "subnet_id", config.subnet_id);
    top["role"] = std::string(role_name(config.role));
    put(top, "zone_id", config.zone_id);
    put(top, "hub_url", config.hub_url);
    put(top, "hub_node_id", config.hub_node_id);
    put(top, "local_api_url", config.local_api_url);
    YAML::Node root(YAML::NodeType::Map);
    put(root, "base_url", config.root_base_url);
    put(root, "ca_fingerprint", config.root_ca_fingerprint);
    YAML::Node node(YAML::NodeType::Map);
    for (auto const& name : config.node_names) node["node_names"].push_back(name);
    try {
        auto const extra = config.extra_yaml.empty() ? YAML::Node(YAML::NodeType::Map)
                                                     : YAML::Load(config.extra_yaml);
        for (auto const& entry : extra) {
            auto const name = entry.first.Scalar();
            auto const& value = entry.second;
            auto* const into = name == "root" && value.IsMap()   ? &root
                               : name == "node" && value.IsMap() ? &node
                                                                 : nullptr;
            if (into == nullptr) {
                top[name] = value;
                continue;
            }
            for (auto const& inner : value) (*into)[inner.first.Scalar()] = inner.second;
        }
    } catch (YAML::Exception const&) {
        // Not a mapping we made: it cannot be kept. parse_yaml never produces one.
    }
    if (root.size() > 0) top["root"] = root;
    if (node.size() > 0) top["node"] = node;
    YAML::Emitter out;
    out << top;
    return "# Who this node is. No secret is in here; keys adaos does not know are kept.\n" +
           std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace adaos::identity
