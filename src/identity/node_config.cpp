#include "identity/node_config.hpp"

#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "identity/node_yaml.hpp"
#include "identity/runtime_state.hpp"
#include "pki/certificate.hpp"
#include "store/atomic_file.hpp"

#include <tuple>

namespace adaos::identity {
namespace {

/// What runtime state and certificates tell about a node whose node.yaml is gone or broken.
struct Signs {
    bool member = false;  ///< anything at all says it is a member
    bool hub = false;
    std::string node_id, subnet_id, hub_url, hub_node_id, root_base_url, root_ca_fingerprint;
};

void take(std::string& into, std::string const& value) {
    if (into.empty()) into = value;
}

/// The file's mere presence is a sign; its content tells the ids when it can be read.
Result<bool> certificate_sign(std::filesystem::path const& path, Signs& signs) {
    auto const pem = store::read_file(path);
    if (!pem) return pem.error();
    if (!*pem) return false;
    auto const certificate = pki::Certificate::from_pem(**pem);
    if (!certificate) return true;
    if (auto const who = certificate->node()) {
        take(signs.node_id, who->node_id);
        take(signs.subnet_id, who->subnet_id);
    }
    return true;
}

Result<Signs> hub_sign(BaseDir const& dir, Signs signs) {
    auto const hub = certificate_sign(dir.hub_cert(), signs);
    if (!hub) return hub.error();
    signs.hub = signs.hub || (*hub && !signs.member);
    return signs;
}

Result<Signs> look_for_signs(BaseDir const& dir) {
    auto const runtime = load_runtime(dir);
    if (!runtime) return runtime.error();
    Signs signs;
    auto const role = parse_role(runtime->role);
    signs.member = role == Role::member;
    signs.hub = role == Role::hub;
    if (role) {
        signs.node_id = runtime->node_id;
        signs.subnet_id = runtime->subnet_id;
        signs.hub_url = runtime->hub_url;
        signs.hub_node_id = runtime->hub_node_id;
        signs.root_base_url = runtime->root_base_url;
        signs.root_ca_fingerprint = runtime->root_ca_fingerprint;
    }
    // Beside the journal of a join the certificate is no sign: node.yaml is written after it.
    if (!signs.member && std::filesystem::exists(dir.join_journal())) return hub_sign(dir, signs);
    auto const member = certificate_sign(dir.member_cert(), signs);
    if (!member) return member.error();
    signs.member = signs.member || *member;
    if (*member) return signs;  // a hub's certificate beside it is from before the join
    return hub_sign(dir, signs);
}

/// Fills what `parsed` lacks. A member is never completed by guessing.
Result<NodeConfig> complete(ParsedYaml const& parsed, Signs const& signs, Random& random) {
    auto config = parsed.config;
    if (!parsed.has_role) {
        if (signs.member && signs.hub) {
            return Error(Problem::config_broken,
                         "runtime state says hub, but there is a member certificate");
        }
        config.role = signs.member ? Role::member : Role::hub;
        take(config.hub_url, signs.hub_url);
        take(config.hub_node_id, signs.hub_node_id);
        take(config.root_base_url, signs.root_base_url);
        take(config.root_ca_fingerprint, signs.root_ca_fingerprint);
    }
    take(config.node_id, signs.node_id);
    take(config.subnet_id, signs.subnet_id);
    if (config.role == Role::member && (config.node_id.empty() || config.subnet_id.empty())) {
        return Error(Problem::config_broken,
                     "a member's node_id and subnet_id are missing, and nothing else tells them");
    }
    if (config.node_id.empty()) config.node_id = random.uuid();
    if (config.subnet_id.empty()) config.subnet_id = "sn_" + random.hex(4);
    return config;
}

bool is_complete(ParsedYaml const& parsed) {
    return parsed.has_role && !parsed.config.node_id.empty() && !parsed.config.subnet_id.empty();
}

auto recovery_copy(RuntimeState const& s) {
    return std::tie(s.role, s.subnet_id, s.node_id, s.hub_url, s.hub_node_id, s.root_base_url,
                    s.root_ca_fingerprint);
}

}  // namespace

std::string_view role_name(Role role) noexcept {
    return role == Role::hub ? "hub" : "member";
}

std::optional<Role> parse_role(std::string_view text) noexcept {
    if (text == "hub") return Role::hub;
    if (text == "member") return Role::member;
    return std::nullopt;
}

void copy_identity(NodeConfig const& config, RuntimeState& into) {
    into.role = role_name(config.role);
    into.subnet_id = config.subnet_id;
    into.node_id = config.node_id;
    into.hub_url = config.hub_url;
    into.hub_node_id = config.hub_node_id;
    into.root_base_url = config.root_base_url;
    into.root_ca_fingerprint = config.root_ca_fingerprint;
}

Result<NodeConfig> parse_node_yaml(std::string_view text) {
    auto parsed = parse_yaml(text);
    if (!parsed) return parsed.error();
    return std::move(parsed->config);
}

Result<std::optional<NodeConfig>> peek_config(BaseDir const& dir) {
    auto const text = store::read_file(dir.node_yaml());
    if (!text) return text.error();
    if (!*text) return std::optional<NodeConfig>();
    auto parsed = parse_yaml(**text);
    if (!parsed) return parsed.error();
    return std::optional(std::move(parsed->config));
}

Result<void> save_config(BaseDir const& dir, NodeConfig const& config) {
    return store::write_file(dir.node_yaml(), to_yaml(config), store::Mode::readable);
}

namespace {

/// Keeps the copies that a later recovery would need in step with node.yaml.
Result<void> remember(BaseDir const& dir, NodeConfig const& config) {
    auto const stored = load_runtime(dir);
    if (!stored) return stored.error();
    RuntimeState wanted;
    copy_identity(config, wanted);
    if (recovery_copy(*stored) == recovery_copy(wanted)) return {};
    auto const edited = edit_runtime(dir, [&](RuntimeState& s) { copy_identity(config, s); });
    if (!edited) return edited.error();
    return {};
}

struct Plan {
    LoadedConfig loaded;
    bool settled = false;  ///< node.yaml says all this already
    std::string broken;    ///< the text to set aside
};

Result<Plan> make_plan(BaseDir const& dir, Random& random) {
    auto const text = store::read_file(dir.node_yaml());
    if (!text) return text.error();
    auto parsed = *text ? parse_yaml(**text) : Result<ParsedYaml>(ParsedYaml{});
    if (!parsed && parsed.error().code != Problem::config_broken) return parsed.error();
    Plan plan;
    if (parsed && is_complete(*parsed)) {
        plan.loaded.config = std::move(parsed->config);
        plan.settled = true;
        return plan;
    }
    auto const signs = look_for_signs(dir);
    if (!signs) return signs.error();
    bool const known = signs->member || signs->hub;
    if (!parsed) {
        plan.broken = **text;
        plan.loaded.set_aside = (dir.root / "node.yaml.invalid").string();
        if (!known) return with_context(parsed.error(), "nothing else tells what this node is");
    }
    auto config = complete(parsed ? *parsed : ParsedYaml{}, *signs, random);
    if (!config) return config.error();
    plan.loaded.created = !*text && !known;
    plan.loaded.config = std::move(*config);
    return plan;
}

/// Under the lock: plans again, for another process may have been first, and writes.
Result<LoadedConfig> repair(BaseDir const& dir, Random& random) {
    auto plan = make_plan(dir, random);
    if (!plan) return plan.error();
    if (plan->settled) return std::move(plan->loaded);
    if (!plan->loaded.set_aside.empty()) {
        auto const kept =
            store::write_file(plan->loaded.set_aside, plan->broken, store::Mode::secret);
        if (kept.has_error()) return kept.error();
    }
    auto const saved = save_config(dir, plan->loaded.config);
    if (saved.has_error()) return saved.error();
    return std::move(plan->loaded);
}

/// Nothing could be recovered: at least the text is safe from the next editor.
void keep_broken(BaseDir const& dir, Error const& why) {
    if (why.code != Problem::config_broken) return;
    auto const text = store::read_file(dir.node_yaml());
    if (!text || !*text) return;
    (void)store::write_file(dir.root / "node.yaml.invalid", **text, store::Mode::secret);
}

/// The journal of a join that died between its commit and its end. One whose member lacks
/// credentials is still under way.
void forget_finished_join(BaseDir const& dir) {
    auto const credentials = load_credentials(dir, Role::member);
    if (!credentials || !*credentials) return;
    std::error_code ignored;
    std::filesystem::remove(dir.join_journal(), ignored);
}

}  // namespace

void put_name_first(NodeConfig& config, std::string const& name) {
    std::erase(config.node_names, name);
    config.node_names.insert(config.node_names.begin(), name);
}

Result<void> name_node(BaseDir const& dir, std::string const& name, Random& random) {
    auto loaded = load_config(dir, random);
    if (!loaded) return loaded.error();
    put_name_first(loaded->config, name);
    return save_config(dir, loaded->config);
}

Result<LoadedConfig> plan_config(BaseDir const& dir, Random& random) {
    auto plan = make_plan(dir, random);
    if (!plan) return plan.error();
    return std::move(plan->loaded);
}

Result<LoadedConfig> load_config(BaseDir const& dir, Random& random) {
    auto plan = make_plan(dir, random);
    if (!plan) {
        keep_broken(dir, plan.error());
        return plan.error();
    }
    auto out = Result<LoadedConfig>(std::move(plan->loaded));
    if (!plan->settled) {
        auto const lock = store::FileLock::wait_lock(dir.state() / "node_yaml.lock");
        if (!lock) return lock.error();
        out = repair(dir, random);
        if (!out) return out.error();
    }
    if (auto done = remember(dir, out->config); done.has_error()) return done.error();
    if (out->config.role == Role::member) forget_finished_join(dir);
    return out;
}

}  // namespace adaos::identity
