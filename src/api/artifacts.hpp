#pragma once
/// Files that are handed out by exact name: a folder's, with their digests.

#include "base/error.hpp"
#include "net/http_session.hpp"
#include "store/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace adaos::api {

/// Largest file that is handed out.
inline constexpr std::uint64_t max_artifact_bytes = std::uint64_t{2} << 30;

/// An open file; what it holds is what was hashed.
struct Artifact {
    std::shared_ptr<store::Descriptor> file;
    std::uint64_t bytes = 0;
    std::string sha256;  ///< hex
};

/// Opens and hashes; a file that did not change is not read again. Blocking: for the store's
/// thread, and only one.
class Artifacts {
public:
    /// Errors: not_found for a name that is none, is no plain file (links included) or is not
    /// there; body_too_large; state_unreadable.
    [[nodiscard]] Result<Artifact> open(std::filesystem::path const& folder, std::string_view name);

private:
    struct Known {
        std::uint64_t device = 0, inode = 0, bytes = 0;
        std::int64_t changed_ns = 0;
        std::string sha256;
    };
    std::map<std::string, Known> known_;
};

/// 1 to 128 of `A-Z a-z 0-9 . _ -`, not starting with a dot.
[[nodiscard]] bool is_artifact_name(std::string_view text) noexcept;

/// Answers with the file, piece by piece. Fields: `Repr-Digest` (RFC 9530), `X-Checksum-Sha256`,
/// `ETag`.
net::Task<void> send_artifact(net::Exchange& exchange, Artifact artifact);

}  // namespace adaos::api
