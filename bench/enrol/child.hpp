#pragma once
/// Processes of the bench's own; each ends with the object, at the latest with this process.

#include "base/error.hpp"

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace adaos::bench {

class Child {
public:
    /// Runs `work` in a fork of this process, which has one thread at that moment.
    explicit Child(std::function<void()> const& work);
    /// Runs a program; its output goes to the file `log`.
    Child(std::vector<std::string> words, std::string const& log);
    /// SIGTERM, then waits.
    ~Child();
    Child(Child const&) = delete;

    [[nodiscard]] bool is_running() const;
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    mutable pid_t pid_ = -1;
};

}  // namespace adaos::bench
