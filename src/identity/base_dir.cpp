#include "identity/base_dir.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <system_error>

namespace adaos::identity {
namespace {

std::optional<std::string> find_set(Env const& env, char const* name) {
    auto value = env(name);
    if (value && value->empty()) value.reset();
    return value;
}

Result<std::filesystem::path> full_path(std::filesystem::path const& path) {
    std::error_code failed;
    auto full = std::filesystem::absolute(path, failed);
    if (failed) return Error(Problem::state_unreadable, path.string() + ": " + failed.message());
    full = full.lexically_normal();
    return full.has_filename() ? full : full.parent_path();
}

}  // namespace

Result<std::filesystem::path> find_base_dir(std::optional<std::string> const& flag,
                                            Env const& env) {
    if (flag && !flag->empty()) return full_path(*flag);
    if (auto const dir = find_set(env, "ADAOS_BASE_DIR")) return full_path(*dir);
    if (find_set(env, "ENV_TYPE").value_or("") == "dev") {
        auto const suffix = find_set(env, "ADAOS_BASE_DIR_SUFFIX").value_or("");
        if (suffix.find('/') != std::string::npos)
            return Error(Problem::config_invalid, "ADAOS_BASE_DIR_SUFFIX contains a slash");
        return full_path(".adaos" + suffix);
    }
    if (auto const dir = find_set(env, "BASE_DIR")) return full_path(*dir);
    auto const home = find_set(env, "HOME");
    if (!home) {
        return Error(Problem::config_invalid,
                     "no base directory: set ADAOS_BASE_DIR, --base-dir or HOME");
    }
    return full_path(std::filesystem::path(*home) / ".adaos");
}

Result<BaseDir> BaseDir::open(std::filesystem::path root) {
    BaseDir dir{std::move(root)};
    for (auto const& folder : {dir.root, dir.keys(), dir.state()}) {
        if (auto made = store::make_private_folder(folder); made.has_error()) {
            return with_context(made.error(), "base directory");
        }
        store::remove_leftovers(folder);
    }
    return dir;
}

}  // namespace adaos::identity
