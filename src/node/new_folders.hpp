#pragma once
/// The folders that a command is about to make: one that fails takes them back.

#include "identity/base_dir.hpp"

#include <filesystem>
#include <system_error>
#include <vector>

namespace adaos::node {

class NewFolders {
public:
    /// Before `dir` is opened.
    explicit NewFolders(identity::BaseDir const& dir) {
        std::error_code ignored;
        for (auto const& folder : {dir.keys(), dir.state(), dir.root})
            if (!std::filesystem::exists(folder, ignored)) made_.push_back(folder);
    }
    /// Those that are empty; what another process has put there stays.
    void remove() const noexcept {
        std::error_code ignored;
        for (auto const& folder : made_) std::filesystem::remove(folder, ignored);
    }

private:
    std::vector<std::filesystem::path> made_;
};

}  // namespace adaos::node
