#include "store/atomic_file.hpp"

#include "base/random.hpp"
#include "store/descriptor.hpp"
#include "store/file_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace adaos::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temp_suffix = ".tmp";
constexpr std::size_t temp_random_bytes = 8;
constexpr std::chrono::minutes leftover_age{1};

/// `.node.yaml.0123456789abcdef.tmp` beside `node.yaml`.
fs::path temp_path(fs::path const& path) {
    SystemRandom random;
    std::string name = "." + path.filename().string() + "." + random.hex(temp_random_bytes);
    return path.parent_path() / name.append(temp_suffix);
}

bool is_temp_name(std::string_view name) {
    constexpr auto tail = temp_random_bytes * 2 + temp_suffix.size();
    if (!name.starts_with('.') || !name.ends_with(temp_suffix) || name.size() < tail + 3)
        return false;
    auto const digits = name.substr(name.size() - tail, temp_random_bytes * 2);
    return name[name.size() - tail - 1] == '.' &&
           digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// 0, or the errno of the failure.
int write_whole(int fd, std::string_view content) {
    while (!content.empty()) {
        auto const n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
}

int write_temp(fs::path const& temp, std::string_view content, mode_t mode) {
    // 0600 first: nobody else may open a file that is to be secret, whatever the umask.
    Descriptor const file(::open(temp.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 S_IRUSR | S_IWUSR));
    if (!file.is_open()) return errno;
    if (::fchmod(file.get(), mode) != 0) return errno;
    if (auto const failed = write_whole(file.get(), content); failed != 0) return failed;
    return ::fsync(file.get()) == 0 ? 0 : errno;
}

fs::path folder_of(fs::path const& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

int sync_folder(fs::path const& folder) {
    Descriptor const dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir.is_open()) return errno;
    return ::fsync(dir.get()) == 0 ? 0 : errno;
}

Result<std::string> read_open_file(int fd, fs::path const& path, std::size_t limit,
                                   mode_t forbidden) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return file_error(errno, "read", path);
    if (!S_ISREG(info.st_mode))
        return Error(Problem::state_unreadable, "read " + path.string() + ": not a regular file");
    if ((info.st_mode & forbidden) != 0)
        return Error(Problem::permission,
                     path.string() + " is open to others; chmod 600 closes it");
    std::string content;
    std::array<char, 16 * 1024> part{};
    for (;;) {
        auto const n = ::read(fd, part.data(), part.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return file_error(errno, "read", path);
        if (n == 0) return content;
        content.append(part.data(), static_cast<std::size_t>(n));
        if (content.size() > limit)
            return Error(Problem::state_unreadable, "read " + path.string() + ": larger than " +
                                                        std::to_string(limit) + " bytes");
    }
}

/// Makes one folder; a present one is left as it is.
Result<void> make_one(fs::path const& path) {
    if (::mkdir(path.c_str(), S_IRWXU) != 0) {
        if (errno == EEXIST) return {};
        return file_error(errno, "make folder", path);
    }
    if (::chmod(path.c_str(), S_IRWXU) != 0) return file_error(errno, "make folder", path);
    if (auto const failed = sync_folder(folder_of(path)); failed != 0 && failed != EACCES)
        return file_error(failed, "make folder", path);
    return {};
}

}  // namespace

Result<void> write_file(fs::path const& path, std::string_view content, Mode mode) {
    auto const temp = temp_path(path);
    auto failed = write_temp(temp, content, static_cast<mode_t>(mode));
    if (failed == 0 && ::rename(temp.c_str(), path.c_str()) != 0) failed = errno;
    if (failed != 0) {
        ::unlink(temp.c_str());
        return file_error(failed, "write", path);
    }
    // The name is only as durable as its folder.
    failed = sync_folder(folder_of(path));
    if (failed != 0) return file_error(failed, "write", path);
    return {};
}

namespace {

Result<std::optional<std::string>> read_present(fs::path const& path, std::size_t limit,
                                                mode_t forbidden) {
    // O_NONBLOCK: opening a FIFO that someone left there must not hang.
    Descriptor const file(
        ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.is_open()) {
        if (errno == ENOENT) return std::optional<std::string>();
        return file_error(errno, "read", path);
    }
    auto content = read_open_file(file.get(), path, limit, forbidden);
    if (content.has_error()) return content.error();
    return std::optional<std::string>(std::move(*content));
}

}  // namespace

Result<std::optional<std::string>> read_file(fs::path const& path, std::size_t limit) {
    return read_present(path, limit, 0);
}

Result<std::optional<std::string>> read_secret(fs::path const& path) {
    constexpr std::size_t secret_limit = 64 * 1024;
    return read_present(path, secret_limit, S_IRWXG | S_IRWXO);
}

Result<void> make_private_folder(fs::path const& path) {
    fs::path so_far;
    for (auto const& part : path) {
        so_far /= part;
        struct stat present {};
        if (::stat(so_far.c_str(), &present) == 0) continue;
        if (auto made = make_one(so_far); made.has_error()) return made;
    }
    Descriptor const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open()) return file_error(errno, "open folder", path);
    struct stat info {};
    if (::fstat(folder.get(), &info) != 0) return file_error(errno, "open folder", path);
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0 && ::fchmod(folder.get(), S_IRWXU) != 0)
        return file_error(errno, "narrow folder", path);
    return {};
}

Version version_of(fs::path const& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return {};
    constexpr std::int64_t second = 1'000'000'000;
    auto const written = found.st_mtim.tv_sec * second + found.st_mtim.tv_nsec;
    return {S_ISDIR(found.st_mode) ? 0 : found.st_ino, written};
}

void remove_leftovers(fs::path const& folder) {
    std::error_code failed;
    auto const now = fs::file_time_type::clock::now();
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        std::error_code skipped;  // another process may be tidying, too
        if (!is_temp_name(it->path().filename().string()) ||
            !fs::is_regular_file(it->symlink_status(skipped)))
            continue;
        auto const written = fs::last_write_time(it->path(), skipped);
        if (!skipped && now - written > leftover_age) fs::remove(it->path(), skipped);
    }
}

}  // namespace adaos::store
