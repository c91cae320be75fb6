#pragma once
/// errno as an Error. For files of src/store only.

#include "base/error.hpp"
#include "base/problem.hpp"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace adaos::store {

/// ENOSPC and EDQUOT: disk_full; EACCES, EPERM and EROFS: permission; else state_unreadable. The
/// context is "`what` `path`: errno's text".
[[nodiscard]] inline Error file_error(int number, std::string_view what,
                                      std::filesystem::path const& path) {
    auto context =
        std::string(what) + ' ' + path.string() + ": " + std::generic_category().message(number);
    switch (number) {
        case ENOSPC:
        case EDQUOT: return Error(Problem::disk_full, std::move(context));
        case EACCES:
        case EPERM:
        case EROFS: return Error(Problem::permission, std::move(context));
        default: return Error(Problem::state_unreadable, std::move(context));
    }
}

}  // namespace adaos::store
