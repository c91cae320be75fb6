#include "api/artifacts.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace adaos::api {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
using Piece = std::vector<std::byte>;

/// Bytes of the file from `at`; 0 at its end.
Result<std::size_t> read_at(int file, Piece& into, std::uint64_t at) {
    for (;;) {
        auto const got = ::pread(file, into.data(), into.size(), static_cast<off_t>(at));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return Error(Problem::state_unreadable, "artifact");
    }
}

Result<std::string> hash_file(int file, std::uint64_t bytes) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const hash(EVP_MD_CTX_new(),
                                                                       EVP_MD_CTX_free);
    if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1)
        return Error(Problem::internal, "SHA-256");
    Piece piece(piece_bytes);
    for (std::uint64_t at = 0; at < bytes;) {
        auto const got = read_at(file, piece, at);
        if (!got) return got.error();
        if (*got == 0) return Error(Problem::state_unreadable, "the file became shorter");
        if (EVP_DigestUpdate(hash.get(), piece.data(), *got) != 1)
            return Error(Problem::internal, "SHA-256");
        at += *got;
    }
    Digest digest{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) != 1)
        return Error(Problem::internal, "SHA-256");
    return to_hex(digest);
}

}  // namespace

bool is_artifact_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 128 && text.front() != '.' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
           });
}

Result<Artifact> Artifacts::open(std::filesystem::path const& folder, std::string_view name) {
    if (!is_artifact_name(name)) return Error(Problem::not_found, "artifact");
    auto const path = folder / name;
    Artifact out;
    out.file = std::make_shared<store::Descriptor>(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat what {};
    bool const is_file =
        out.file->get() >= 0 && ::fstat(out.file->get(), &what) == 0 && S_ISREG(what.st_mode);
    if (!is_file) return Error(Problem::not_found, "artifact");
    out.bytes = static_cast<std::uint64_t>(what.st_size);
    if (out.bytes > max_artifact_bytes) return Error(Problem::body_too_large, "artifact");
    Known now{what.st_dev, what.st_ino, out.bytes,
              what.st_ctim.tv_sec * std::int64_t{1'000'000'000} + what.st_ctim.tv_nsec, ""};
    auto& known = known_[path.string()];
    bool const same = known.device == now.device && known.inode == now.inode &&
                      known.bytes == now.bytes && known.changed_ns == now.changed_ns;
    if (!same || known.sha256.empty()) {
        auto hashed = hash_file(out.file->get(), out.bytes);
        if (!hashed) return hashed.error();
        now.sha256 = std::move(*hashed);
        known = std::move(now);
    }
    out.sha256 = known.sha256;
    return out;
}

net::Task<void> send_artifact(net::Exchange& exchange, Artifact artifact) {
    net::ResponseHead head;
    head.fields.add("Content-Type", "application/octet-stream");
    head.fields.add("X-Checksum-Sha256", artifact.sha256);
    auto const digest = from_hex(artifact.sha256).value_or(Bytes{});
    head.fields.add("Repr-Digest", "sha-256=:" + to_base64(digest) + ":");
    head.fields.add("ETag", "\"" + artifact.sha256 + "\"");
    net::Framing const framing{net::Framing::Kind::length, artifact.bytes};
    auto const begun = co_await exchange.respond(std::move(head), framing);
    if (!begun) co_return;
    Piece piece(piece_bytes);
    bool const with_body = exchange.request().method != "HEAD";
    for (std::uint64_t at = 0; with_body && at < artifact.bytes;) {
        auto const got = read_at(artifact.file->get(), piece, at);
        auto const left = artifact.bytes - at;
        auto const count = got ? std::min<std::uint64_t>(*got, left) : 0;
        if (count == 0) {
            exchange.abort();  // the client must not take it for the whole
            co_return;
        }
        std::span<std::byte const> const bytes(piece.data(), static_cast<std::size_t>(count));
        auto const sent = co_await exchange.write(bytes);
        if (!sent) co_return;
        at += count;
    }
    net::Fields none;
    (void)co_await exchange.finish(std::move(none));
}

}  // namespace adaos::api
