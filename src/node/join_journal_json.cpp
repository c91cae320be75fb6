#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/join_journal.hpp"

namespace adaos::node {

std::string to_json(JoinJournal const& journal) {
    Json json;
    json["attempt_id"] = journal.attempt_id;
    json["node_id"] = journal.node_id;
    json["root"] = journal.root;
    json["code_mac"] = journal.code_mac;
    json["created_at"] = rfc3339(journal.created_at);
    return dump_pretty(json) + "\n";
}

Result<JoinJournal> parse_journal(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::state_damaged, "join_attempt.json");
    JoinJournal out;
    out.attempt_id = string_or_empty(*json, "attempt_id");
    out.node_id = string_or_empty(*json, "node_id");
    out.root = string_or_empty(*json, "root");
    out.code_mac = string_or_empty(*json, "code_mac");
    out.created_at = parse_rfc3339(string_or_empty(*json, "created_at"));
    if (out.attempt_id.empty() || !is_node_id(out.node_id))
        return Error(Problem::state_damaged, "join_attempt.json");
    return out;
}

}  // namespace adaos::node
