#include "base/json.hpp"
#include "net/http_problem.hpp"

#include <algorithm>

namespace adaos::net {

std::optional<RemoteProblem> read_problem(std::string_view body) {
    auto const json = parse_json(body);
    if (!json || !json->is_object()) return std::nullopt;
    RemoteProblem found{string_or_empty(*json, "code"), string_or_empty(*json, "detail")};
    if (found.detail.empty()) found.detail = string_or_empty(*json, "title");
    for (auto* text : {&found.code, &found.detail}) {
        std::replace_if(
            text->begin(), text->end(),
            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
        if (text->size() > 200) text->resize(200);  // it ends in log lines and on terminals
    }
    return found;
}

}  // namespace adaos::net
