#include "identity/credentials.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <openssl/x509v3.h>

#include <algorithm>

namespace adaos::identity {
namespace {

struct Issuer {
    pki::Authority authority;
    bool self_signed = false;
};

class HubKeeper {
public:
    HubKeeper(BaseDir const& dir, NodeConfig const& config, WallTime now, Random& random)
        : dir_(dir), config_(config), now_(now), random_(random) {}

    Result<HubCredentials> run() {
        auto issuer = find_issuer();
        if (!issuer) return issuer.error();
        if (*issuer) {
            auto kept = with_issuer(**issuer);
            if (kept || is_registered()) return kept;
            if (kept.error().code != Problem::state_damaged &&
                kept.error().code != Problem::peer_untrusted)
                return kept;  // the disk's fault, not the set's
        } else if (is_registered()) {
            return damaged("issuer_private.pem or issuer_cert.pem is missing or damaged");
        }
        auto made = make_issuer();
        if (!made) return made.error();
        return with_issuer(*made);
    }

private:
    [[nodiscard]] bool is_registered() const { return !config_.root_base_url.empty(); }

    [[nodiscard]] Error damaged(std::string_view why) const {
        auto text = dir_.keys().string() + ": " + std::string(why);
        if (is_registered())
            text += "; restore keys/ from a backup, or begin with a new base directory";
        return {Problem::state_damaged, std::move(text)};
    }

    /// Absent when key and certificate are not a pair: a set that was only half written.
    Result<std::optional<Issuer>> find_issuer() const {
        std::optional<Issuer> none;
        auto const key_pem = store::read_secret(dir_.issuer_key());
        if (!key_pem) return key_pem.error();
        auto const chain = store::read_file(dir_.issuer_cert());
        if (!chain) return chain.error();
        if (!*key_pem || !*chain) return none;
        Secret const secret(**key_pem);
        auto const key = pki::Key::from_pem(secret);
        auto const certificate = pki::Certificate::from_pem(**chain);
        if (!key || !certificate || !certificate->matches(*key)) return none;
        auto authority = pki::Authority::load(**chain, secret);
        if (!authority) return none;
        bool const self_signed = X509_self_signed(certificate->native(), 1) == 1;
        return std::optional(Issuer{std::move(*authority), self_signed});
    }

    Result<Issuer> make_issuer() const {
        // A key that is there stays: a registration under way may have Root sign it right now.
        auto key = key_at(dir_.issuer_key());
        if (!key) return key.error();
        auto made = pki::Authority::make("adaos subnet " + config_.subnet_id, config_.subnet_id,
                                         std::move(*key), now_, random_);
        if (!made) return made.error();
        auto const done =
            store::write_file(dir_.issuer_cert(), made->chain_pem(), store::Mode::readable);
        if (done.has_error()) return done.error();
        return Issuer{std::move(*made), true};
    }

    /// The anchors that go with the issuer; ca.cert is put right for a self-made one.
    Result<std::string> anchors_for(Issuer const& issuer) const {
        auto const stored = store::read_file(dir_.anchors());
        if (!stored) return stored.error();
        if (!issuer.self_signed) {
            if (!*stored) return damaged("ca.cert is missing");
            auto const up = pki::verify_chain(issuer.authority.chain_pem(), **stored, now_);
            if (!up) return with_context(up.error(), "issuer_cert.pem");
            return **stored;
        }
        if (is_registered()) return damaged("issuer_cert.pem was not signed by Root");
        auto own = issuer.authority.certificate().to_pem();
        if (*stored && **stored == own) return own;
        auto const done = store::write_file(dir_.anchors(), own, store::Mode::readable);
        if (done.has_error()) return done.error();
        return own;
    }

    /// Root binds a hub to its key: one that was registered never makes itself another.
    Result<pki::Key> hub_key() const {
        if (!is_registered()) return key_at(dir_.hub_key());
        auto const stored = store::read_secret(dir_.hub_key());
        if (!stored) return stored.error();
        if (!*stored) return damaged("hub_private.pem is missing");
        auto key = pki::Key::from_pem(Secret(**stored));
        if (!key) return damaged("hub_private.pem is not a private key");
        return key;
    }

    [[nodiscard]] bool names_this_hub(pki::Certificate const& leaf) const {
        auto const who = leaf.node();
        return who && who->hub && who->subnet_id == config_.subnet_id &&
               who->node_id == config_.node_id;
    }

    /// What Root signed is Root's to renew, over the link or by way of a recovery: it stays even
    /// when it has ended. A leaf that only we renew goes at half its life.
    [[nodiscard]] bool may_stay(std::string const& chain, std::string const& anchors,
                                pki::Key const& key) const {
        auto const leaf = pki::Certificate::from_pem(chain);
        if (!leaf || !leaf->matches(key) || !names_this_hub(*leaf)) return false;
        auto const last = leaf->not_after() - std::chrono::seconds(1);
        auto const at = is_registered() ? std::min<WallTime>(now_, last) : now_;
        if (!pki::verify_chain(chain, anchors, at)) return false;
        return is_registered() || now_ < pki::half_life(*leaf);
    }

    Result<std::string> leaf_for(Issuer const& issuer, pki::Key const& key,
                                 std::string const& anchors) const {
        auto const stored = store::read_file(dir_.hub_cert());
        if (!stored) return stored.error();
        if (*stored && may_stay(**stored, anchors, key)) return **stored;
        pki::NodeIdentity const who{config_.subnet_id, config_.node_id, true};
        auto issued = issuer.authority.issue_node(key, who, now_, random_);
        if (!issued) return issued;
        // The issuer's name constraint speaks here: a new subnet id needs a new issuer.
        auto const valid = pki::verify_chain(*issued, anchors, now_);
        if (!valid) return with_context(valid.error(), "hub certificate for " + config_.subnet_id);
        auto const done = store::write_file(dir_.hub_cert(), *issued, store::Mode::readable);
        if (done.has_error()) return done.error();
        return issued;
    }

    Result<HubCredentials> with_issuer(Issuer const& issuer) const {
        auto anchors = anchors_for(issuer);
        if (!anchors) return anchors.error();
        auto const key = hub_key();
        if (!key) return key.error();
        auto leaf = leaf_for(issuer, *key, *anchors);
        if (!leaf) return leaf.error();
        HubCredentials out;
        out.leaf.chain_pem = std::move(*leaf);
        out.leaf.key_pem = key->to_pem();
        out.leaf.anchors_pem = std::move(*anchors);
        out.issuer_chain_pem = issuer.authority.chain_pem();
        out.issuer_key_pem = issuer.authority.key_pem();
        return out;
    }

    BaseDir const& dir_;
    NodeConfig const& config_;
    WallTime now_;
    Random& random_;
};

}  // namespace

Result<pki::Key> key_at(std::filesystem::path const& path) {
    auto const stored = store::read_secret(path);
    if (!stored) return stored.error();
    if (*stored) {
        auto key = pki::Key::from_pem(Secret(**stored));
        if (key) return key;
    }
    auto key = pki::Key::make(pki::KeyType::p256);
    if (!key) return key;
    auto const pem = key->to_pem();
    auto const done = store::write_file(path, pem.reveal(), store::Mode::secret);
    if (done.has_error()) return done.error();
    return key;
}

Result<store::FileLock> lock_keys(BaseDir const& dir) {
    return store::FileLock::wait_lock(dir.state() / "keys.lock");
}

Result<HubCredentials> load_or_make_hub(BaseDir const& dir, NodeConfig const& config,
                                        Clock const& clock, Random& random) {
    // Two commands may start on a fresh directory at once: the second must see the first's set.
    auto const lock = lock_keys(dir);
    if (!lock) return lock.error();
    return HubKeeper(dir, config, clock.wall(), random).run();
}

}  // namespace adaos::identity
