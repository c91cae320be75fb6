#include "node/demo_folder.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace adaos::node {
namespace {

namespace fs = std::filesystem;

Error refused(std::string const& keep, std::string const& why) {
    return Error(Problem::invalid_option, "--keep: " + keep + why);
}

/// Errors: invalid_option.
Result<fs::path> kept_folder(std::string const& keep) {
    if (keep.empty()) return refused(keep, "it is empty");
    std::error_code failed;
    auto const path = fs::absolute(keep, failed);
    if (failed) return refused(keep, ": " + failed.message());
    if (fs::exists(path, failed) && !fs::is_directory(path, failed))
        return refused(keep, " is not a folder");
    // Not used again: what a demo left there is of other ports and another CA.
    if (fs::directory_iterator(path, failed) != fs::directory_iterator())
        return refused(keep, " is not empty; name a new folder");
    auto const made = store::make_private_folder(path);
    if (made.has_error()) return refused(keep, ": " + made.error().message());
    return path;
}

}  // namespace

Result<DemoFolder> DemoFolder::make(std::optional<std::string> const& keep,
                                    std::string const& temp) {
    if (keep) {
        auto path = kept_folder(*keep);
        if (!path) return path.error();
        return DemoFolder(std::move(*path), true);
    }
    std::error_code failed;
    auto pattern = (fs::absolute(temp, failed) / "adaos-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) return DemoFolder(pattern, false);
    return Error(Problem::config_invalid,
                 "TMPDIR: no folder can be made in " + temp + ": " + std::strerror(errno));
}

DemoFolder::DemoFolder(DemoFolder&& other) noexcept
    : path_(std::move(other.path_)), stays_(std::exchange(other.stays_, true)) {}

DemoFolder::~DemoFolder() {
    std::error_code ignored;
    if (!stays_) fs::remove_all(path_, ignored);
}

}  // namespace adaos::node
