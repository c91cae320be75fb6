/// The binary `adaos-root`.

#include "base/problem.hpp"
#include "cli/process.hpp"
#include "root/root_cli.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace adaos;
    cli::protect_process();
    cli::Console const console{"adaos-root", std::cout, std::cerr};
    try {
        return root::run_cli(console, {argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (std::exception const& e) {
        return cli::fail(console, Error(Problem::internal, std::string("bug: ") + e.what()),
                         "Please report it");
    }
}
