#pragma once
/// What the files that add commands (cli_*.cpp) get from cli.cpp.

#include <functional>

namespace CLI {
class App;
}

namespace adaos::node {

/// How cli.cpp adds a command below a noun.
using AddVerb = std::function<CLI::App*(CLI::App* noun, char const* word, char const* what,
                                        char const* examples, std::function<int()> action)>;

}  // namespace adaos::node
