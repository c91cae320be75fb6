#include "node/grant_desk.hpp"

#include "identity/node_config.hpp"

namespace adaos::node {
namespace {

/// In which of the hub's two books new grants are made: at Root when the hub is registered.
Result<std::string> book_to_write(Context& context) {
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    auto const config = identity::peek_config(*dir);
    bool const is_registered = config && *config && !(*config)->root_base_url.empty();
    return std::string(is_registered ? "root" : "local");
}

}  // namespace

Result<std::string> ask_grants(Context& context, GrantTarget const& target, std::string method,
                               std::string path, std::string body) {
    std::string book = target.local ? "local" : "all";
    if (method == "POST" && target.server) book = "local";
    if (method == "POST" && !target.server && !target.local) {
        auto const written = book_to_write(context);
        if (!written) return written.error();
        book = *written;
    }
    path = with_query(std::move(path), "authority=" + book);
    return ask_hub(context, target, std::move(method), std::move(path), std::move(body));
}

}  // namespace adaos::node
