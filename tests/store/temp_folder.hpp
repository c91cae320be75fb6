#pragma once
/// What tests of files look at.

#include "support/temp_dir.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace adaos::test {

/// With names below it, and how many there are.
class TempFolder : public TempDir {
public:
    [[nodiscard]] std::filesystem::path operator/(std::string const& name) const {
        return path() / name;
    }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(path()), {}));
    }
};

inline unsigned mode_of(std::filesystem::path const& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) throw std::runtime_error("lstat " + path.string());
    return info.st_mode & 07777U;
}

inline void put(std::filesystem::path const& path, std::string const& content) {
    std::ofstream(path, std::ios::binary) << content;
}

/// What `umask` is while it lives.
class Umask {
public:
    explicit Umask(mode_t mask) : before_(::umask(mask)) {}
    Umask(Umask const&) = delete;
    ~Umask() { ::umask(before_); }

private:
    mode_t before_;
};

}  // namespace adaos::test
