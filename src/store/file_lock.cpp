#include "store/atomic_file.hpp"
#include "store/descriptor.hpp"
#include "store/file_error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace adaos::store {
namespace {

/// The descriptor that holds the lock, now the caller's.
Result<int> open_locked(std::filesystem::path const& path, int operation) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
                           S_IRUSR | S_IWUSR));
    if (!file.is_open()) return file_error(errno, "lock", path);
    while (::flock(file.get(), operation) != 0) {
        if (errno == EINTR) continue;
        if (errno == EWOULDBLOCK) return Error(Problem::already_running, "lock " + path.string());
        return file_error(errno, "lock", path);
    }
    return file.release();
}

}  // namespace

Result<FileLock> FileLock::try_lock(std::filesystem::path const& path) {
    auto const fd = open_locked(path, LOCK_EX | LOCK_NB);
    if (fd.has_error()) return fd.error();
    return FileLock(*fd);
}

Result<FileLock> FileLock::wait_lock(std::filesystem::path const& path) {
    auto const fd = open_locked(path, LOCK_EX);
    if (fd.has_error()) return fd.error();
    return FileLock(*fd);
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    if (this != &other) {
        Descriptor const old(fd_);  // closing gives the lock back
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

FileLock::~FileLock() {
    Descriptor const mine(fd_);
}

}  // namespace adaos::store
