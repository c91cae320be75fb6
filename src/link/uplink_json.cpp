#include "link/uplink_json.hpp"

namespace adaos::link {

Json to_json(UplinkState const& state) {
    Json json;
    json["phase"] = phase_name(state.phase);
    json["upstream"] = state.upstream;
    json["since"] = rfc3339(state.since);
    json["last_error"] = state.last_error.empty() ? Json() : Json(state.last_error);
    json["last_error_id"] = state.last_error_id.empty() ? Json() : Json(state.last_error_id);
    json["next_try"] = state.next_try ? Json(rfc3339(*state.next_try)) : Json();
    json["connects"] = state.connects;
    return json;
}

}  // namespace adaos::link
