#include "node/join_journal.hpp"

#include "base/bytes.hpp"
#include "store/atomic_file.hpp"

#include <optional>
#include <system_error>

namespace adaos::node {
namespace {

/// Empty when there is none.
Result<JoinJournals> load_journals(identity::BaseDir const& dir) {
    auto const text = store::read_file(dir.join_journal());
    if (!text) return text.error();
    if (!*text) return JoinJournals();
    auto journals = parse_journals(**text);
    if (!journals) return JoinJournals();  // damaged: as good as none
    return journals;
}

Result<void> save_journals(identity::BaseDir const& dir, JoinJournals const& journals) {
    return store::write_file(dir.join_journal(), to_json(journals), store::Mode::secret);
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
    auto journals = load_journals(dir);
    if (!journals) return journals.error();
    auto key = load_key(dir);
    if (!key) return key.error();
    bool const key_was_there = key->has_value();
    bool const had_journal = !journals->empty();
    if (!*key) {
        auto made = make_key(dir);
        if (!made) return made.error();
        *key = std::move(*made);
    }

    // An authority binds a node id to its key: as long as the key lives, so does the id.
    bool const goes_on = had_journal && key_was_there && loaded.created;
    bool const lost_its_key = !key_was_there && loaded.config.role == identity::Role::member;
    auto const node_id = goes_on        ? journals->front().node_id
                         : lost_its_key ? random.uuid()
                                        : loaded.config.node_id;
    if (!key_was_there || (had_journal && journals->front().node_id != node_id)) journals->clear();
    // Whatever the address: it may be another name of the same authority.
    for (auto const& journal : *journals)
        if (journal.code_mac == journal_mac(journal.attempt_id, code))
            return Attempt{journal, **key, true};

    JoinJournal journal{random.uuid(), node_id, root, "", clock.wall()};
    journal.code_mac = journal_mac(journal.attempt_id, code);
    journal.key_is_older = had_journal && !journals->empty() ? journals->front().key_is_older
                                                             : key_was_there && !had_journal;
    journals->insert(journals->begin(), journal);
    if (journals->size() > max_attempts) journals->resize(max_attempts);
    Attempt attempt{std::move(journal), **key, false};
    if (auto const done = save_journals(dir, *journals); done.has_error()) {
        std::error_code ignored;
        if (!key_was_there) std::filesystem::remove(dir.member_key(), ignored);  // never used
        return done.error();
    }
    return attempt;
}

void forget_attempt(identity::BaseDir const& dir, Attempt const& attempt) noexcept {
    auto journals = load_journals(dir);
    if (!journals) return;
    std::erase_if(*journals, [&](JoinJournal const& journal) {
        return journal.attempt_id == attempt.journal.attempt_id;
    });
    if (!journals->empty()) {
        (void)save_journals(dir, *journals);
        return;
    }
    std::error_code ignored;
    std::filesystem::remove(dir.join_journal(), ignored);
    if (!attempt.journal.key_is_older) std::filesystem::remove(dir.member_key(), ignored);
}

}  // namespace adaos::node
