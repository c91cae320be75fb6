#include "identity/credentials.hpp"

#include "base/problem.hpp"
#include "identity/renewal.hpp"
#include "identity/runtime_state.hpp"
#include "store/atomic_file.hpp"

#include <system_error>

namespace adaos::identity {
namespace {

Error damaged(std::filesystem::path const& path, std::string_view why) {
    return {Problem::state_damaged, path.string() + ": " + std::string(why)};
}

Result<void> check_pair(std::filesystem::path const& key_path, Secret const& key_pem,
                        std::filesystem::path const& cert_path, std::string const& chain_pem) {
    auto const key = pki::Key::from_pem(key_pem);
    if (!key) return damaged(key_path, "not a private key");
    auto const leaf = pki::Certificate::from_pem(chain_pem);
    if (!leaf) return damaged(cert_path, "not a certificate");
    if (!leaf->matches(*key)) return damaged(cert_path, "does not belong to " + key_path.string());
    return {};
}

}  // namespace

Result<std::optional<Credentials>> load_credentials(BaseDir const& dir, Role role) {
    auto const hub = role == Role::hub;
    auto const key_path = hub ? dir.hub_key() : dir.member_key();
    auto const cert_path = hub ? dir.hub_cert() : dir.member_cert();
    auto const anchors_path = hub ? dir.anchors() : dir.member_anchors();
    auto const key = store::read_secret(key_path);
    if (!key) return key.error();
    auto const chain = store::read_file(cert_path);
    if (!chain) return chain.error();
    auto const anchors = store::read_file(anchors_path);
    if (!anchors) return anchors.error();
    if (!*key || !*chain || !*anchors) return std::optional<Credentials>();
    Credentials out{**chain, Secret(**key), **anchors};
    auto const paired = check_pair(key_path, out.key_pem, cert_path, out.chain_pem);
    if (paired.has_error()) return paired.error();
    auto const trusted = pki::certificates_from_pem(out.anchors_pem);
    if (!trusted || trusted->empty()) return damaged(anchors_path, "not a certificate");
    return std::optional(std::move(out));
}

Result<void> store_membership(BaseDir const& dir, Membership const& membership) {
    auto const key = store::read_secret(dir.member_key());
    if (!key) return key.error();
    if (!*key) return damaged(dir.member_key(), "missing");
    auto done =
        check_pair(dir.member_key(), Secret(**key), dir.member_cert(), membership.chain_pem);
    if (done.has_error()) return done;

    // Until node.yaml is replaced the node is what it was: nothing reads these files as long as it
    // says hub or, on a fresh machine, the join's journal is there.
    done = store::write_file(dir.member_cert(), membership.chain_pem, store::Mode::readable);
    if (done.has_error()) return done;
    done = store::write_file(dir.member_anchors(), membership.anchors_pem, store::Mode::readable);
    if (done.has_error()) return done;
    if (done = save_config(dir, membership.config); done.has_error()) return done;
    // It is a member now. What follows is put right by load_config should it fail.
    (void)edit_runtime(dir, [&](RuntimeState& s) { copy_identity(membership.config, s); });
    std::error_code ignored;
    std::filesystem::remove(dir.join_journal(), ignored);
    forget_lost(dir);
    return {};
}

}  // namespace adaos::identity
