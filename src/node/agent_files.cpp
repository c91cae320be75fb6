#include "node/agent_files.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace adaos::node {
namespace {

namespace fs = std::filesystem;

constexpr mode_t folder_mode = 0750;
constexpr std::size_t redeem_id_bytes = 16;

Error failed_to(std::string const& what, fs::path const& path) {
    auto const number = errno;
    auto const problem = number == ENOSPC || number == EDQUOT ? Problem::disk_full
                         : number == EACCES || number == EPERM || number == EROFS
                             ? Problem::permission
                             : Problem::state_unreadable;
    return Error(problem, what + ' ' + path.string() + ": " + std::strerror(number));
}

Result<void> sync_folder(fs::path const& path) {
    int const fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed_to("open folder", path);
    auto const synced = ::fsync(fd);
    auto const failed = synced == 0 ? Result<void>() : failed_to("write folder", path);
    ::close(fd);
    return failed;
}

bool is_there(fs::path const& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

std::string mac_of(std::string_view redeem_id, Secret const& token) {
    return to_hex(hmac_sha256(as_bytes(redeem_id), as_bytes(token.reveal())));
}

/// The attempt in the folder; absent when there is none, or a damaged one.
Result<std::optional<BegunAttempt>> load_attempt(fs::path const& folder) {
    std::optional<BegunAttempt> none;
    auto const text = store::read_file(folder / "attempt.json");
    if (!text) return text.error();
    auto const pem = store::read_secret(folder / "agent.key");
    if (!pem) return pem.error();
    if (!*text || !*pem) return none;
    auto attempt = parse_agent_attempt(**text);
    auto key = pki::Key::from_pem(Secret(**pem));
    if (!attempt || !key) return none;
    return std::optional(BegunAttempt{std::move(*attempt), std::move(*key), false});
}

Result<void> stage(AgentFolder const& folder, fs::path const& at, std::string_view cert_pem,
                   std::string_view ca_pem) {
    auto done = store::write_file(at / "agent.crt", cert_pem, store::Mode::readable);
    if (done) done = store::write_file(at / "ca.crt", ca_pem, store::Mode::readable);
    if (!done) return done;
    if (::rename(at.c_str(), folder.staged().c_str()) != 0) return failed_to("stage", at);
    return sync_folder(folder.path);
}

}  // namespace

AgentPlan plan_bootstrap(bool has_key, bool has_cert, bool has_ca, bool force) noexcept {
    if (force) return AgentPlan::enrol;
    if (has_key && has_cert && has_ca) return AgentPlan::nothing;
    return has_key || has_cert || has_ca ? AgentPlan::refuse : AgentPlan::enrol;
}

AgentPlan plan_bootstrap(AgentFolder const& folder, bool force) {
    return plan_bootstrap(is_there(folder.key()), is_there(folder.cert()), is_there(folder.ca()),
                          force);
}

Result<BegunAttempt> begin_agent_attempt(AgentFolder const& folder, std::string control_plane,
                                         std::string node_name, Secret const& token, Random& random,
                                         std::optional<pki::Key> key) {
    auto const at = folder.attempt();
    auto before = load_attempt(at);
    if (!before) return before.error();
    if (*before) {
        auto& known = **before;
        bool const same = known.attempt.control_plane == control_plane &&
                          known.attempt.node_name == node_name &&
                          known.attempt.token_mac == mac_of(known.attempt.redeem_id, token);
        if (same) {
            known.is_repeat = true;
            return std::move(known);
        }
    }
    forget_agent_attempt(folder);
    if (::mkdir(at.c_str(), S_IRWXU) != 0) return failed_to("make folder", at);
    if (!key) {
        auto made = pki::Key::make(pki::KeyType::p384);
        if (!made) return made.error();
        key = std::move(*made);
    }
    AgentAttempt attempt;
    attempt.redeem_id = random.hex(redeem_id_bytes);
    attempt.control_plane = std::move(control_plane);
    attempt.node_name = std::move(node_name);
    attempt.token_mac = mac_of(attempt.redeem_id, token);
    auto const pem = key->to_pem();
    auto written = store::write_file(at / "agent.key", pem.reveal(), store::Mode::secret);
    if (written)
        written = store::write_file(at / "attempt.json", to_json(attempt), store::Mode::secret);
    if (written) written = sync_folder(folder.path);
    if (!written) {
        forget_agent_attempt(folder);
        return written.error();
    }
    return BegunAttempt{std::move(attempt), std::move(*key), false};
}

void forget_agent_attempt(AgentFolder const& folder) noexcept {
    std::error_code ignored;
    fs::remove_all(folder.attempt(), ignored);
}

Result<void> stage_answer(AgentFolder const& folder, std::string_view cert_pem,
                          std::string_view ca_pem) {
    return stage(folder, folder.attempt(), cert_pem, ca_pem);
}

Result<void> stage_renewal(AgentFolder const& folder, std::string_view cert_pem,
                           std::string_view ca_pem) {
    auto const at = folder.renewal();
    std::error_code ignored;
    fs::remove_all(at, ignored);
    if (::mkdir(at.c_str(), S_IRWXU) != 0) return failed_to("make folder", at);
    return stage(folder, at, cert_pem, ca_pem);
}

Result<void> finish_staged(AgentFolder const& folder) {
    auto const from = folder.staged();
    if (!is_there(from)) return {};
    for (auto const& to : {folder.key(), folder.cert(), folder.ca()}) {
        auto const source = from / to.filename();
        if (::rename(source.c_str(), to.c_str()) != 0 && errno != ENOENT)
            return failed_to("move", source);
        if (auto synced = sync_folder(folder.path); !synced) return synced;
    }
    std::error_code failed;
    fs::remove_all(from, failed);
    if (failed) return Error(Problem::state_unreadable, from.string() + ": " + failed.message());
    return sync_folder(folder.path);
}

Result<std::vector<fs::path>> make_agent_folder(fs::path const& path) {
    std::vector<fs::path> made;
    fs::path so_far;
    for (auto const& part : path) {
        so_far /= part;
        if (::mkdir(so_far.c_str(), S_IRWXU) != 0) {
            if (errno == EEXIST) continue;
            return failed_to("make folder", so_far);
        }
        made.insert(made.begin(), so_far);
        if (::chmod(so_far.c_str(), folder_mode) != 0) return failed_to("make folder", so_far);
    }
    return made;
}

Result<void> hand_over(fs::path const& model, std::vector<fs::path> const& paths) {
    if (::geteuid() != 0) return {};
    struct stat owner {};
    if (::stat(model.c_str(), &owner) != 0) return failed_to("look at", model);
    if (owner.st_uid == 0) return {};
    for (auto const& path : paths)
        if (::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0)
            return failed_to("hand over", path);
    return {};
}

}  // namespace adaos::node
