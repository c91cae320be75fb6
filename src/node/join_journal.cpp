#include "node/join_journal.hpp"

#include "base/bytes.hpp"
#include "store/atomic_file.hpp"

#include <optional>
#include <system_error>

namespace adaos::node {
namespace {

Result<std::optional<JoinJournal>> load_journal(identity::BaseDir const& dir) {
    auto const text = store::read_file(dir.join_journal());
    if (!text) return text.error();
    if (!*text) return std::optional<JoinJournal>();
    auto journal = parse_journal(**text);
    if (!journal) return std::optional<JoinJournal>();  // damaged: as good as none
    return std::optional(std::move(*journal));
}

Result<std::optional<pki::Key>> load_key(identity::BaseDir const& dir) {
    auto const pem = store::read_secret(dir.member_key());
    if (!pem) return pem.error();
    if (!*pem) return std::optional<pki::Key>();
    auto key = pki::Key::from_pem(Secret(**pem));
    if (!key) return std::optional<pki::Key>();
    return std::optional(std::move(*key));
}

Result<pki::Key> make_key(identity::BaseDir const& dir) {
    auto key = pki::Key::make(pki::KeyType::p256);
    if (!key) return key;
    auto const pem = key->to_pem();
    auto const done = store::write_file(dir.member_key(), pem.reveal(), store::Mode::secret);
    if (done.has_error()) return done.error();
    return key;
}

}  // namespace

std::string journal_mac(std::string_view attempt_id, Secret const& code) {
    return to_hex(hmac_sha256(as_bytes(attempt_id), as_bytes(code.reveal())));
}

Result<Attempt> begin_attempt(identity::BaseDir const& dir, identity::LoadedConfig const& loaded,
                              std::string const& root, Secret const& code, Clock const& clock,
                              Random& random) {
    auto const before = load_journal(dir);
    if (!before) return before.error();
    auto key = load_key(dir);
    if (!key) return key.error();
    bool const key_was_there = key->has_value();
    if (!*key) {
        auto made = make_key(dir);
        if (!made) return made.error();
        *key = std::move(*made);
    }

    // An authority binds a node id to its key: as long as the key lives, so does the id.
    bool const goes_on = *before && key_was_there && loaded.created;
    bool const lost_its_key = !key_was_there && loaded.config.role == identity::Role::member;
    auto const node_id = goes_on        ? (*before)->node_id
                         : lost_its_key ? random.uuid()
                                        : loaded.config.node_id;
    if (*before && key_was_there && (*before)->root == root && (*before)->node_id == node_id &&
        (*before)->code_mac == journal_mac((*before)->attempt_id, code))
        return Attempt{**before, **key, true, false};

    JoinJournal journal{random.uuid(), node_id, root, "", clock.wall()};
    journal.code_mac = journal_mac(journal.attempt_id, code);
    Attempt attempt{std::move(journal), **key, false, key_was_there && !*before};
    auto const done =
        store::write_file(dir.join_journal(), to_json(attempt.journal), store::Mode::secret);
    if (done.has_error()) {
        if (!key_was_there) forget_attempt(dir, attempt);  // nothing was sent with it
        return done.error();
    }
    return attempt;
}

void forget_attempt(identity::BaseDir const& dir, Attempt const& attempt) noexcept {
    std::error_code ignored;
    std::filesystem::remove(dir.join_journal(), ignored);
    if (!attempt.key_is_older) std::filesystem::remove(dir.member_key(), ignored);
}

}  // namespace adaos::node
