#include "node/folder_lock.hpp"

#include "base/problem.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace adaos::node {

Result<FolderLock> FolderLock::try_lock(std::filesystem::path const& folder) {
    int const fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return Error(Problem::state_unreadable, folder.string() + ": " + std::strerror(errno));
    }
    FolderLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK) return Error(Problem::folder_busy, folder.parent_path().string());
    return Error(Problem::state_unreadable, folder.string() + ": " + std::strerror(errno));
}

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace adaos::node
