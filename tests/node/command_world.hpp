#pragma once
/// A command with its streams, variables and base directory in a test's hands.

#include "node/cli.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace adaos::test {

struct CommandWorld {
    TempDir folder;
    std::filesystem::path base = folder.path() / "base";
    std::map<std::string, std::string> variables{{"ADAOS_BASE_DIR", base.string()}};
    SeededRandom random;
    TestClock clock;
    std::string in, out, err;
    bool out_is_lost = false;  ///< stdout takes nothing, as /dev/full

    int run(std::vector<std::string> const& words) {
        std::istringstream input(in);
        std::ostringstream output, errors;
        if (out_is_lost) output.setstate(std::ios::badbit);
        auto const env = [this](char const* name) -> std::optional<std::string> {
            auto const found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
        };
        node::Context context{input, output, errors, env, clock, random, false, {}, false, false};
        auto const code = node::run_cli(context, words);
        out = output.str();
        err = errors.str();
        return code;
    }
    identity::BaseDir dir() { return *identity::BaseDir::open(base); }
    /// Regular files under the base directory.
    std::vector<std::string> files() const {
        std::vector<std::string> found;
        if (!std::filesystem::exists(base)) return found;
        for (auto const& entry : std::filesystem::recursive_directory_iterator(base))
            if (entry.is_regular_file()) found.push_back(entry.path().filename().string());
        return found;
    }
};

}  // namespace adaos::test
