#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/join_journal.hpp"

namespace adaos::node {

std::string to_json(JoinJournals const& journals) {
    Json json;
    json["attempts"] = Json::array();
    for (auto const& journal : journals) {
        Json row;
        row["attempt_id"] = journal.attempt_id;
        row["node_id"] = journal.node_id;
        row["root"] = journal.root;
        row["code_mac"] = journal.code_mac;
        row["created_at"] = rfc3339(journal.created_at);
        row["key_is_older"] = journal.key_is_older;
        json["attempts"].push_back(row);
    }
    return dump_pretty(json) + "\n";
}

Result<JoinJournals> parse_journals(std::string_view text) {
    Error const damaged(Problem::state_damaged, "join_attempt.json");
    auto const json = parse_json(text);
    if (!json || !json->is_object() || !json->contains("attempts")) return damaged;
    auto const& rows = (*json)["attempts"];
    if (!rows.is_array() || rows.empty() || rows.size() > max_attempts) return damaged;
    JoinJournals out;
    for (auto const& row : rows) {
        JoinJournal journal;
        journal.attempt_id = string_or_empty(row, "attempt_id");
        journal.node_id = string_or_empty(row, "node_id");
        journal.root = string_or_empty(row, "root");
        journal.code_mac = string_or_empty(row, "code_mac");
        journal.created_at = parse_rfc3339(string_or_empty(row, "created_at"));
        journal.key_is_older = find_bool(row, "key_is_older").value_or(false);
        if (journal.attempt_id.empty() || !is_node_id(journal.node_id)) return damaged;
        out.push_back(std::move(journal));
    }
    return out;
}

}  // namespace adaos::node
