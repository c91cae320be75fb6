#include "identity/renewal.hpp"

#include "base/problem.hpp"
#include "pki/request.hpp"

#include <algorithm>

namespace adaos::identity {
namespace {

Error wrong(std::string_view why) {
    return {Problem::bad_answer, "the new certificate: " + std::string(why)};
}

Result<pki::Key> stored_key(std::filesystem::path const& path) {
    auto const pem = store::read_secret(path);
    if (!pem) return pem.error();
    if (!*pem) return Error(Problem::state_damaged, path.string() + ": missing");
    auto key = pki::Key::from_pem(Secret(**pem));
    if (!key) return with_context(key.error(), path.string());
    return key;
}

/// Every certificate that is in one of the two, each once.
Result<std::string> both(std::string const& first, std::string const& second) {
    auto all = pki::certificates_from_pem(first);
    if (!all) return all.error();
    auto const more = pki::certificates_from_pem(second);
    if (!more) return more.error();
    for (auto const& one : *more) {
        auto const same = [&](pki::Certificate const& c) {
            return c.fingerprint() == one.fingerprint();
        };
        if (std::none_of(all->begin(), all->end(), same)) all->push_back(one);
    }
    std::string out;
    for (auto const& one : *all) out += one.to_pem();
    return out;
}

Result<void> check_leaf(Renewal const& renewal, std::string const& anchors, pki::Key const& key,
                        pki::NodeIdentity const& who, WallTime now) {
    auto const leaf = pki::verify_chain(renewal.chain_pem, anchors, now);
    if (!leaf) return wrong(leaf.error().context);
    if (leaf->node() != who) return wrong("it names another node");
    if (!leaf->matches(key)) return wrong("it is for another key");
    return {};
}

Result<void> check_issuer(Renewal const& renewal, std::string const& anchors, pki::Key const& key,
                          WallTime now) {
    auto const issuer = pki::verify_chain(renewal.issuer_chain_pem, anchors, now);
    if (!issuer) return wrong("issuer: " + issuer.error().context);
    if (!issuer->is_ca() || !issuer->matches(key)) return wrong("issuer: for another key");
    auto const loads = pki::Authority::load(renewal.issuer_chain_pem, key.to_pem());
    if (!loads) return wrong("issuer: " + loads.error().context);
    return {};
}

std::filesystem::path lost_mark(BaseDir const& dir) {
    return dir.state() / "membership_lost";
}

Result<void> write(std::filesystem::path const& path, std::string const& text) {
    return store::write_file(path, text, store::Mode::readable);
}

}  // namespace

Result<std::string> renewal_request(BaseDir const& dir, Role role, std::string const& node_id) {
    auto const key = stored_key(role == Role::hub ? dir.hub_key() : dir.member_key());
    if (!key) return key.error();
    return pki::make_request(*key, node_id);
}

Result<std::string> issuer_request(BaseDir const& dir) {
    auto const key = stored_key(dir.issuer_key());
    if (!key) return key.error();
    return pki::make_request(*key, "subnet issuer");
}

Result<void> store_renewal(BaseDir const& dir, pki::NodeIdentity const& who, Renewal const& renewal,
                           WallTime now) {
    auto const lock = lock_keys(dir);
    if (!lock) return lock.error();
    auto const key = stored_key(who.hub ? dir.hub_key() : dir.member_key());
    if (!key) return key.error();
    auto const anchors_path = who.hub ? dir.anchors() : dir.member_anchors();
    auto const had = store::read_file(anchors_path);
    if (!had) return had.error();
    auto const before = had->value_or("");
    auto const& anchors = renewal.anchors_pem.empty() ? before : renewal.anchors_pem;
    auto done = check_leaf(renewal, anchors, *key, who, now);
    if (!done) return done;
    if (!renewal.issuer_chain_pem.empty()) {
        auto const issuer_key = stored_key(dir.issuer_key());
        if (!issuer_key) return issuer_key.error();
        done = check_issuer(renewal, anchors, *issuer_key, now);
        if (!done) return done;
    }
    // The key is the same, and while the certificates change both old and new anchors are there:
    // every state in between is one that can be loaded.
    if (anchors != before) {
        auto const union_pem = both(anchors, before);
        if (!union_pem) return union_pem.error();
        if (done = write(anchors_path, *union_pem); !done) return done;
    }
    if (!renewal.issuer_chain_pem.empty()) {
        if (done = write(dir.issuer_cert(), renewal.issuer_chain_pem); !done) return done;
    }
    done = write(who.hub ? dir.hub_cert() : dir.member_cert(), renewal.chain_pem);
    if (!done || anchors == before) return done;
    return write(anchors_path, anchors);
}

void note_lost(BaseDir const& dir, std::string_view why) {
    // A hint for the next command: if it cannot be written, that command says what is in its way.
    (void)store::write_file(lost_mark(dir), std::string(why) + '\n', store::Mode::secret);
}

bool is_lost(BaseDir const& dir) {
    std::error_code ignored;
    return std::filesystem::exists(lost_mark(dir), ignored);
}

void forget_lost(BaseDir const& dir) noexcept {
    std::error_code ignored;
    std::filesystem::remove(lost_mark(dir), ignored);
}

bool issuer_is_due(std::string const& issuer_chain_pem, std::string const& leaf_pem, WallTime now) {
    auto const issuer = pki::Certificate::from_pem(issuer_chain_pem);
    auto const leaf = pki::Certificate::from_pem(leaf_pem);
    if (!issuer || !leaf) return false;
    return now >= pki::half_life(*issuer) || issuer->issuer() != leaf->issuer();
}

}  // namespace adaos::identity
