#include "root/ca_set.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <array>

namespace adaos::root {
namespace {

using store::Mode;

// What ca_phase says; no file: there is no next CA, or it is not complete and counts for nothing.
constexpr std::string_view prepared_word = "prepared";
constexpr std::string_view active_word = "active";
constexpr std::string_view finished_word = "finished";

struct NextCa {
    std::string cert, cross;
    Secret key;
};

Error refused(std::string_view why) {
    return {Problem::config_invalid, "ca rotate: " + std::string(why)};
}

/// First word, and the time of the step in ms.
struct Phase {
    std::string word;
    WallTime since{};
};

Result<Phase> read_phase(RootDir const& dir) {
    auto const text = store::read_file(dir.ca_phase());
    if (!text) return text.error();
    Phase out;
    if (!*text) return out;
    auto const line = trim(**text);
    auto const space = line.find(' ');
    out.word = line.substr(0, space);
    std::int64_t millis = 0;
    for (char const c : space == std::string_view::npos ? "" : line.substr(space + 1)) {
        if (c < '0' || c > '9') return Error(Problem::state_damaged, dir.ca_phase().string());
        millis = millis * 10 + (c - '0');
    }
    out.since = from_millis(millis);
    bool const known =
        out.word == prepared_word || out.word == active_word || out.word == finished_word;
    if (!known) return Error(Problem::state_damaged, dir.ca_phase().string());
    return out;
}

Result<void> write_phase(RootDir const& dir, std::string_view word, WallTime now) {
    return store::write_file(dir.ca_phase(),
                             std::string(word) + ' ' + std::to_string(to_millis(now)) + '\n',
                             Mode::readable);
}

Result<NextCa> read_next(RootDir const& dir) {
    auto const key = store::read_secret(dir.next_ca_key());
    if (!key) return key.error();
    auto const cert = store::read_file(dir.next_ca_cert());
    if (!cert) return cert.error();
    auto const cross = store::read_file(dir.next_ca_cross());
    if (!cross) return cross.error();
    if (!*key || !*cert || !*cross)
        return Error(Problem::state_damaged, dir.next_ca_cert().string() + ": incomplete");
    return NextCa{**cert, **cross, Secret(**key)};
}

void remove_next(RootDir const& dir) {
    std::error_code ignored;
    for (auto const& path :
         {dir.ca_phase(), dir.next_ca_cert(), dir.next_ca_cross(), dir.next_ca_key()})
        std::filesystem::remove(path, ignored);
}

/// The next CA takes the first one's files. `finished` stands until all of it is done, so a crash
/// in between is made good at the next look.
Result<void> complete_finish(RootDir const& dir) {
    auto const next = read_next(dir);
    if (!next) return next.error();
    auto done = store::write_file(dir.ca_key(), next->key.reveal(), Mode::secret);
    if (!done) return done;
    done = store::write_file(dir.ca_cert(), next->cert, Mode::readable);
    if (!done) return done;
    remove_next(dir);
    return {};
}

Result<CaSet> single(pki::Authority first) {
    auto ca = first.certificate();
    auto const pem = ca.to_pem();
    return CaSet{CaPhase::single, std::move(first), std::move(ca), pem, pem};
}

Result<CaSet> with_next(RootDir const& dir, std::string_view word, pki::Authority first) {
    auto const next = read_next(dir);
    if (!next) return next.error();
    auto const old_pem = first.certificate().to_pem();
    auto next_ca = pki::Certificate::from_pem(next->cert);
    if (!next_ca) return next_ca.error();
    if (word == prepared_word) {
        auto set = single(std::move(first));
        if (!set) return set;
        set->phase = CaPhase::prepared;
        set->trusted_pem += next_ca->to_pem();
        return set;
    }
    auto signer = pki::Authority::load(next->cross + old_pem, next->key);
    if (!signer) return signer.error();
    auto const next_pem = next_ca->to_pem();
    // The cross certificate stands before the CA of the same name: who trusts the old one alone
    // must find that one first.
    auto const top = signer->chain_pem() + next_pem;
    return CaSet{CaPhase::active, std::move(*signer), std::move(*next_ca), next_pem + old_pem, top};
}

Result<std::string> read_fingerprint(std::filesystem::path const& path) {
    auto const pem = store::read_file(path);
    if (!pem) return pem.error();
    if (!*pem)
        return Error(Problem::state_unreadable,
                     path.string() + " is not there; adaos-root serve makes it");
    auto const cert = pki::Certificate::from_pem(**pem);
    if (!cert) return with_context(cert.error(), path.string());
    return cert->fingerprint();
}

}  // namespace

std::string_view phase_name(CaPhase phase) noexcept {
    switch (phase) {
        case CaPhase::single: return "single";
        case CaPhase::prepared: return "prepared";
        case CaPhase::active: return "active";
    }
    return "unknown";
}

Result<CaSet> load_or_make_ca_set(RootDir const& dir, Clock const& clock, Random& random) {
    auto const phase = read_phase(dir);
    if (!phase) return phase.error();
    if (phase->word == finished_word) {
        if (auto done = complete_finish(dir); !done) return done.error();
    }
    auto first = load_or_make_ca(dir, clock, random);
    if (!first) return first.error();
    if (phase->word.empty() || phase->word == finished_word) return single(std::move(*first));
    return with_next(dir, phase->word, std::move(*first));
}

Result<CaPins> read_ca_pins(RootDir const& dir) {
    auto const phase = read_phase(dir);
    if (!phase) return phase.error();
    auto const first = read_fingerprint(dir.ca_cert());
    if (!first) return first.error();
    if (phase->word.empty()) return CaPins{*first, dir.ca_cert(), {*first}};
    auto const next = read_fingerprint(dir.next_ca_cert());
    if (!next) return next.error();
    if (phase->word == prepared_word) return CaPins{*first, dir.ca_cert(), {*first, *next}};
    if (phase->word == active_word) return CaPins{*next, dir.next_ca_cert(), {*next, *first}};
    return CaPins{*next, dir.next_ca_cert(), {*next}};
}

Result<CaSet> prepare_next_ca(RootDir const& dir, Clock const& clock, Random& random) {
    auto set = load_or_make_ca_set(dir, clock, random);
    if (!set || set->phase == CaPhase::prepared) return set;
    if (set->phase == CaPhase::active)
        return refused("the rotation before is not finished: adaos-root ca rotate --finish");
    auto const now = clock.wall();
    // Another name than any CA before: a chain must not take one for the other.
    auto next =
        pki::Authority::make("adaos Root CA " + random.hex(4), "", pki::KeyType::p256, now, random);
    if (!next) return next.error();
    auto const cross = set->signer.vouch_for(next->certificate(), now, random);
    if (!cross) return cross.error();
    auto done = store::write_file(dir.next_ca_key(), next->key_pem().reveal(), Mode::secret);
    if (!done) return done.error();
    done = store::write_file(dir.next_ca_cert(), next->chain_pem(), Mode::readable);
    if (!done) return done.error();
    done = store::write_file(dir.next_ca_cross(), *cross, Mode::readable);
    if (!done) return done.error();
    if (done = write_phase(dir, prepared_word, now); !done) return done.error();
    return load_or_make_ca_set(dir, clock, random);
}

Result<CaSet> activate_next_ca(RootDir const& dir, Clock const& clock, Random& random) {
    auto set = load_or_make_ca_set(dir, clock, random);
    if (!set || set->phase == CaPhase::active) return set;
    if (set->phase == CaPhase::single)
        return refused("there is no next CA yet: adaos-root ca rotate makes it");
    if (auto done = write_phase(dir, active_word, clock.wall()); !done) return done.error();
    return load_or_make_ca_set(dir, clock, random);
}

Result<CaSet> drop_old_ca(RootDir const& dir, Finish when, Clock const& clock, Random& random) {
    auto set = load_or_make_ca_set(dir, clock, random);
    if (!set || set->phase == CaPhase::single) return set;
    if (set->phase == CaPhase::prepared)
        return refused("the next CA does not sign yet: adaos-root ca rotate --activate");
    auto const phase = read_phase(dir);
    if (!phase) return phase.error();
    auto const end = phase->since + pki::leaf_life;
    if (when == Finish::in_time && clock.wall() < end)
        return refused("nodes may not have renewed yet; from " + rfc3339(end) +
                       " on all have, or --now does it all the same");
    if (auto done = write_phase(dir, finished_word, clock.wall()); !done) return done.error();
    return load_or_make_ca_set(dir, clock, random);
}

}  // namespace adaos::root
