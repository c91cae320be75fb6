#include "base/json.hpp"
#include "base/problem.hpp"
#include "identity/runtime_state.hpp"
#include "store/atomic_file.hpp"

#include <system_error>

namespace adaos::identity {
namespace {

/// Bytes of entropy in the local control token.
constexpr std::size_t token_bytes = 32;

struct Stored {
    Json object = Json::object();
    bool damaged = false;
};

Result<Stored> read(BaseDir const& dir) {
    auto const text = store::read_file(dir.runtime_json());
    if (!text) return text.error();
    Stored out;
    if (!*text) return out;
    auto value = parse_json(**text);
    if (value && value->is_object()) {
        out.object = std::move(*value);
    } else {
        out.damaged = true;
    }
    return out;
}

RuntimeState from_json(Json const& object) {
    RuntimeState out;
    out.role = string_or_empty(object, "role");
    out.subnet_id = string_or_empty(object, "subnet_id");
    out.node_id = string_or_empty(object, "node_id");
    out.hub_url = string_or_empty(object, "hub_url");
    out.hub_node_id = string_or_empty(object, "hub_node_id");
    out.root_base_url = string_or_empty(object, "root_base_url");
    out.root_ca_fingerprint = string_or_empty(object, "root_ca_fingerprint");
    out.token = Secret(string_or_empty(object, "token"));
    out.updated_at = parse_rfc3339(string_or_empty(object, "updated_at"));
    return out;
}

void put(Json& object, char const* key, std::string const& value) {
    if (value.empty()) {
        object.erase(key);
    } else {
        object[key] = value;
    }
}

void into_json(RuntimeState const& state, Json& object) {
    put(object, "role", state.role);
    put(object, "subnet_id", state.subnet_id);
    put(object, "node_id", state.node_id);
    put(object, "hub_url", state.hub_url);
    put(object, "hub_node_id", state.hub_node_id);
    put(object, "root_base_url", state.root_base_url);
    put(object, "root_ca_fingerprint", state.root_ca_fingerprint);
    put(object, "token", state.token.reveal());
    put(object, "updated_at", rfc3339(state.updated_at));
}

/// Under the lock.
Result<Stored> read_or_set_aside(BaseDir const& dir) {
    auto stored = read(dir);
    if (!stored || !stored->damaged) return stored;
    auto const aside = dir.runtime_json().string() + ".invalid";
    std::error_code failed;
    std::filesystem::rename(dir.runtime_json(), aside, failed);
    if (failed) return Error(Problem::state_unreadable, aside + ": " + failed.message());
    return Stored();
}

}  // namespace

Result<RuntimeState> load_runtime(BaseDir const& dir) {
    auto stored = read(dir);
    if (!stored) return stored.error();
    if (stored->damaged) {
        auto const lock = store::FileLock::wait_lock(dir.runtime_lock());
        if (!lock) return lock.error();
        stored = read_or_set_aside(dir);
        if (!stored) return stored.error();
    }
    return from_json(stored->object);
}

Result<RuntimeState> edit_runtime(BaseDir const& dir,
                                  std::function<void(RuntimeState&)> const& edit) {
    auto const lock = store::FileLock::wait_lock(dir.runtime_lock());
    if (!lock) return lock.error();
    auto stored = read_or_set_aside(dir);
    if (!stored) return stored.error();
    auto state = from_json(stored->object);
    state.updated_at = SystemClock().wall();
    edit(state);
    into_json(state, stored->object);
    auto const written = store::write_file(dir.runtime_json(), dump_pretty(stored->object) + "\n",
                                           store::Mode::secret);
    if (written.has_error()) return written.error();
    return state;
}

Result<Secret> control_token(BaseDir const& dir, Random& random) {
    auto const state = load_runtime(dir);
    if (!state) return state.error();
    if (!state->token.empty()) return state->token;
    auto const edited = edit_runtime(dir, [&](RuntimeState& s) {
        if (s.token.empty()) s.token = Secret(random.hex(token_bytes));
    });
    if (!edited) return edited.error();
    return edited->token;
}

}  // namespace adaos::identity
