#pragma once
/// One command at a time on a base directory, without a file that a failed command would leave.

#include "base/error.hpp"

#include <filesystem>
#include <utility>

namespace adaos::node {

/// An advisory lock (flock) on a folder itself, held while the object lives.
class FolderLock {
public:
    /// At once, or Problem::folder_busy, which names the folder above.
    static Result<FolderLock> try_lock(std::filesystem::path const& folder);
    FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FolderLock& operator=(FolderLock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~FolderLock();

private:
    explicit FolderLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace adaos::node
