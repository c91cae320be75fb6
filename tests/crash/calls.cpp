#include "calls.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace adaos::crash {
namespace {

constexpr std::array calls{
    Call{SYS_openat, "openat", Names::path_after_folder},
    Call{SYS_newfstatat, "newfstatat", Names::path_after_folder},
    Call{SYS_statx, "statx", Names::path_after_folder},
    Call{SYS_faccessat, "faccessat", Names::path_after_folder},
    Call{SYS_faccessat2, "faccessat2", Names::path_after_folder},
    Call{SYS_readlinkat, "readlinkat", Names::path_after_folder},
    Call{SYS_unlinkat, "unlinkat", Names::path_after_folder},
    Call{SYS_mkdirat, "mkdirat", Names::path_after_folder},
    Call{SYS_renameat, "renameat", Names::path_after_folder},
    Call{SYS_renameat2, "renameat2", Names::path_after_folder},
    Call{SYS_linkat, "linkat", Names::path_after_folder},
    Call{SYS_fchmodat, "fchmodat", Names::path_after_folder},
    Call{SYS_fchownat, "fchownat", Names::path_after_folder},
    Call{SYS_utimensat, "utimensat", Names::path_after_folder},
    Call{SYS_truncate, "truncate", Names::path},
    Call{SYS_statfs, "statfs", Names::path},
    Call{SYS_chdir, "chdir", Names::path},
#ifdef SYS_open  // the older names, which newer processors do not have
    Call{SYS_open, "open", Names::path},
    Call{SYS_creat, "creat", Names::path},
    Call{SYS_stat, "stat", Names::path},
    Call{SYS_lstat, "lstat", Names::path},
    Call{SYS_access, "access", Names::path},
    Call{SYS_readlink, "readlink", Names::path},
    Call{SYS_unlink, "unlink", Names::path},
    Call{SYS_mkdir, "mkdir", Names::path},
    Call{SYS_rmdir, "rmdir", Names::path},
    Call{SYS_rename, "rename", Names::path},
    Call{SYS_link, "link", Names::path},
    Call{SYS_chmod, "chmod", Names::path},
    Call{SYS_chown, "chown", Names::path},
#endif
    Call{SYS_symlinkat, "symlinkat", Names::nothing},
    Call{SYS_read, "read", Names::descriptor},
    Call{SYS_readv, "readv", Names::descriptor},
    Call{SYS_pread64, "pread64", Names::descriptor},
    Call{SYS_preadv, "preadv", Names::descriptor},
    Call{SYS_write, "write", Names::descriptor},
    Call{SYS_writev, "writev", Names::descriptor},
    Call{SYS_pwrite64, "pwrite64", Names::descriptor},
    Call{SYS_pwritev, "pwritev", Names::descriptor},
    Call{SYS_sendfile, "sendfile", Names::descriptor},
    Call{SYS_copy_file_range, "copy_file_range", Names::descriptor},
    Call{SYS_close, "close", Names::descriptor},
    Call{SYS_lseek, "lseek", Names::descriptor},
    Call{SYS_fsync, "fsync", Names::descriptor},
    Call{SYS_fdatasync, "fdatasync", Names::descriptor},
    Call{SYS_ftruncate, "ftruncate", Names::descriptor},
    Call{SYS_fallocate, "fallocate", Names::descriptor},
    Call{SYS_fstat, "fstat", Names::descriptor},
    Call{SYS_fstatfs, "fstatfs", Names::descriptor},
    Call{SYS_fchmod, "fchmod", Names::descriptor},
    Call{SYS_fchown, "fchown", Names::descriptor},
    Call{SYS_fcntl, "fcntl", Names::descriptor},
    Call{SYS_flock, "flock", Names::descriptor},
    Call{SYS_ioctl, "ioctl", Names::descriptor},
    Call{SYS_getdents64, "getdents64", Names::descriptor},
    Call{SYS_socket, "socket", Names::nothing},
    Call{SYS_socketpair, "socketpair", Names::nothing},
    Call{SYS_bind, "bind", Names::descriptor},
    Call{SYS_listen, "listen", Names::descriptor},
    Call{SYS_accept, "accept", Names::descriptor},
    Call{SYS_accept4, "accept4", Names::descriptor},
    Call{SYS_connect, "connect", Names::descriptor},
    Call{SYS_shutdown, "shutdown", Names::descriptor},
    Call{SYS_getsockname, "getsockname", Names::descriptor},
    Call{SYS_getpeername, "getpeername", Names::descriptor},
    Call{SYS_getsockopt, "getsockopt", Names::descriptor},
    Call{SYS_setsockopt, "setsockopt", Names::descriptor},
    Call{SYS_sendto, "sendto", Names::descriptor},
    Call{SYS_sendmsg, "sendmsg", Names::descriptor},
    Call{SYS_recvfrom, "recvfrom", Names::descriptor},
    Call{SYS_recvmsg, "recvmsg", Names::descriptor},
};

}  // namespace

bool is_of_a_disk(Call const& call) noexcept {
    constexpr std::array names{"openat",    "open",      "creat", "write",     "writev",
                               "pwrite64",  "pwritev",   "fsync", "fdatasync", "rename",
                               "renameat",  "renameat2", "mkdir", "mkdirat",   "ftruncate",
                               "fallocate", "linkat"};
    std::string_view const name = call.name;
    return std::find(names.begin(), names.end(), name) != names.end();
}

Call const* find_call(std::uint64_t number) noexcept {
    auto const found = std::find_if(calls.begin(), calls.end(), [number](Call const& call) {
        return static_cast<std::uint64_t>(call.number) == number;
    });
    return found == calls.end() ? nullptr : &*found;
}

}  // namespace adaos::crash
