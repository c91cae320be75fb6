#pragma once
/// The Root under test: the real binary, with a base folder of its own.

#include "base/secret.hpp"
#include "bench/enrol/child.hpp"
#include "net/http_client.hpp"
#include "root/root_files.hpp"

#include <memory>

namespace adaos::bench {

/// Opened once before it serves, so that its store, keys and CA are there to be stocked.
[[nodiscard]] Result<void> prepare_root(root::RootDir const& dir);

class RootServer {
public:
    /// Starts `binary` on `dir` and waits until it listens; a store of gigabytes is read whole at
    /// the start.
    static Result<std::unique_ptr<RootServer>> start(std::string const& binary,
                                                     root::RootDir const& dir);
    [[nodiscard]] net::Url const& url() const noexcept { return url_; }
    /// CPU time that the process has used, user and system.
    [[nodiscard]] double cpu_seconds() const;

private:
    RootServer(std::vector<std::string> words, std::string const& log)
        : process_(std::move(words), log) {}
    Child process_;
    net::Url url_;
};

}  // namespace adaos::bench
