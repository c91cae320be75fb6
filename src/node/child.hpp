#pragma once
/// Child processes of `adaos demo`: started, waited for, ended; never outliving us. They see no
/// ADAOS_ variable of ours, and no secret comes in their argv or environment.

#include "base/error.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace adaos::node {

/// A server in the background, its output in a file. Ended (TERM, then KILL) by the destructor, and
/// by the kernel when we die first.
class Child {
public:
    static Result<Child> start(std::vector<std::string> const& argv,
                               std::filesystem::path const& log_file);
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), asked_(other.asked_) {}
    Child& operator=(Child&& other) noexcept;
    ~Child();

    [[nodiscard]] bool running();
    /// SIGTERM now, so that several children can end side by side. Once: a second one would end a
    /// server before it has tidied up.
    void ask_to_end() noexcept;

private:
    explicit Child(int pid) : pid_(pid) {}
    void end() noexcept;
    int pid_;
    bool asked_ = false;
};

struct Finished {
    int exit_code = -1;
    std::string output;  ///< stdout and stderr together
};
/// Runs a command to its end, with `input` (at most 4 KiB) on its stdin. Errors: Problem::timed_out
/// after `limit`, Problem::interrupted when a signal was caught (see Interrupts); it is ended then.
[[nodiscard]] Result<Finished> run_command(std::vector<std::string> const& argv,
                                           std::string const& input, std::chrono::seconds limit);

}  // namespace adaos::node
