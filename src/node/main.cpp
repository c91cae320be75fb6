/// The binary `adaos`.

#include "node/cli.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

/// Files are for the owner alone, a crash leaves no core with keys in it, and a reader that goes
/// away is an error of a write and not the end of the process.
void protect_process() {
    ::umask(0077);
    rlimit const none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace adaos;
    protect_process();
    std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    node::scrub_secrets({argv, static_cast<std::size_t>(argc)});
    SystemClock clock;
    SystemRandom random;
    auto const env = [](char const* name) -> std::optional<std::string> {
        auto const* const value = std::getenv(name);
        if (value == nullptr) return std::nullopt;
        return value;
    };
    node::Context context{
        std::cin, std::cout, std::cerr, env, clock, random, ::isatty(STDERR_FILENO) == 1,
        {},       false,     false};
    try {
        return node::run_cli(context, words);
    } catch (std::exception const& e) {
        std::cerr << "adaos: error: ADAOS-X001 an unexpected failure: bug: " << e.what()
                  << "\nadaos: hint: Please report it\n";
        return 1;
    }
}
