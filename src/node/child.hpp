#pragma once
/// Child processes of `adaos demo`: started, waited for, ended; never outliving us.

#include "base/error.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace adaos::node {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// A server in the background, its output in a file. Ended (TERM, then KILL) by the destructor, and
/// by the kernel when we die first.
class Child {
public:
    static Result<Child> start(std::vector<std::string> const& argv, Variables const& env,
                               std::filesystem::path const& log_file);
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Child& operator=(Child&& other) noexcept;
    ~Child();

    [[nodiscard]] bool running();
    /// SIGTERM now, so that several children can end side by side.
    void ask_to_end() noexcept;

private:
    explicit Child(int pid) : pid_(pid) {}
    void end() noexcept;
    int pid_;
};

struct Finished {
    int exit_code = -1;
    std::string output;  ///< stdout and stderr together
};
/// Runs a command to its end. Errors: Problem::timed_out after `limit` (it is killed then).
[[nodiscard]] Result<Finished> run_command(std::vector<std::string> const& argv,
                                           Variables const& env, std::chrono::seconds limit);

}  // namespace adaos::node
