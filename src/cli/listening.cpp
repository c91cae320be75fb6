#include "cli/listening.hpp"

#include "base/problem.hpp"

namespace adaos::cli {

Told explain_listening(Error error, std::string const& at) {
    if (error.code == Problem::permission && error.context == at) {
        return {Error(Problem::permission, "--port: listening on " + at + " needs a privilege"),
                "Choose a port from 1024 up (0 takes a free one), or grant CAP_NET_BIND_SERVICE"};
    }
    if (error.context == "listen on " + at) {
        return {Error(Problem::config_invalid,
                      "--host: cannot listen on " + at + ": " + error.code.message()),
                "Give an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them"};
    }
    auto hint = std::string(describe(error.code).next);
    return {std::move(error), std::move(hint)};
}

}  // namespace adaos::cli
