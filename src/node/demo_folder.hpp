#pragma once
/// Where a demo keeps the state of its processes.

#include "base/error.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace adaos::node {

/// Goes with all that is in it at the end, unless it was asked for by name.
class DemoFolder {
public:
    /// `keep`, new or empty, or a new one in `temp`. Errors: invalid_option, config_invalid.
    static Result<DemoFolder> make(std::optional<std::string> const& keep, std::string const& temp);
    DemoFolder(DemoFolder&& other) noexcept;
    DemoFolder& operator=(DemoFolder&&) = delete;
    ~DemoFolder();

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    DemoFolder(std::filesystem::path path, bool stays) : path_(std::move(path)), stays_(stays) {}
    std::filesystem::path path_;
    bool stays_;
};

}  // namespace adaos::node
