/// The binary `adaos`.

#include "base/problem.hpp"
#include "cli/hidden_prompt.hpp"
#include "cli/process.hpp"
#include "node/cli.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace adaos;
    cli::protect_process();
    std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    SystemClock clock;
    SystemRandom random;
    auto const env = [](char const* name) -> std::optional<std::string> {
        auto const* const value = std::getenv(name);
        if (value == nullptr) return std::nullopt;
        return value;
    };
    bool const err_is_terminal = ::isatty(STDERR_FILENO) == 1;
    node::Context context{std::cin, std::cout, std::cerr,          env,
                          clock,    random,    err_is_terminal,    {},
                          false,    false,     cli::usual_prompt()};
    try {
        return node::run_cli(context, words, {argv, static_cast<std::size_t>(argc)});
    } catch (std::exception const& e) {
        return node::fail(context, Error(Problem::internal, std::string("bug: ") + e.what()),
                          "Please report it");
    }
}
