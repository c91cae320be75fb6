#pragma once
/// State files: either the old or the new version, whole, with the right mode, after any crash.

#include "base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace adaos::store {

enum class Mode : unsigned { secret = 0600, readable = 0644 };

/// Temp file beside it (random name, O_EXCL, O_NOFOLLOW), write, fsync, rename, fsync of the
/// folder. On error the temp file is removed and the old content stays. Errors: disk_full,
/// permission, else state_unreadable with path and errno text in the context.
[[nodiscard]] Result<void> write_file(std::filesystem::path const& path, std::string_view content,
                                      Mode mode);
/// Absent when there is no such file. At most `limit` bytes; links are not followed.
[[nodiscard]] Result<std::optional<std::string>> read_file(std::filesystem::path const& path,
                                                           std::size_t limit = 1024 * 1024);
/// The same for a private key or a token: a file that others may read or write is refused.
/// Errors: permission, too.
[[nodiscard]] Result<std::optional<std::string>> read_secret(std::filesystem::path const& path);
/// Makes `path` and its parents, 0700; a present folder that others may enter is narrowed.
[[nodiscard]] Result<void> make_private_folder(std::filesystem::path const& path);
/// Removes temp files that a crashed writer left in `folder` (older than a minute).
void remove_leftovers(std::filesystem::path const& folder);

/// Tells one content of a file that is written by `write_file` from the next: each is a new inode,
/// also when two are written within one step of the file system's clock (4 ms). For a folder: its
/// time alone. All zero when there is none.
struct Version {
    std::uint64_t inode = 0;
    std::int64_t written = 0;  ///< nanoseconds of the wall clock
    bool operator==(Version const&) const = default;
};
[[nodiscard]] Version version_of(std::filesystem::path const& path);

/// An advisory lock (flock) held while the object lives. The file itself stays.
class FileLock {
public:
    /// At once, or Problem::already_running.
    static Result<FileLock> try_lock(std::filesystem::path const& path);
    /// Waits (blocking) until it is free. For short critical sections between processes.
    static Result<FileLock> wait_lock(std::filesystem::path const& path);
    FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace adaos::store
