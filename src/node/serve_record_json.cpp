#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/local_node.hpp"

namespace adaos::node {

Result<ServeRecord> parse_serve_record(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::state_damaged, "serve.json");
    ServeRecord out;
    auto const pid = find_integer(*json, "pid").value_or(0);
    auto const port = find_integer(*json, "port").value_or(0);
    if (pid < 1 || pid > INT32_MAX || port < 1 || port > UINT16_MAX)
        return Error(Problem::state_damaged, "serve.json");
    out.pid = static_cast<int>(pid);
    out.port = static_cast<std::uint16_t>(port);
    out.host = string_or_empty(*json, "host");
    out.url = string_or_empty(*json, "url");
    return out;
}

}  // namespace adaos::node
