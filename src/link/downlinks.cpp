#include "link/downlinks.hpp"

#include <algorithm>
#include <utility>

namespace adaos::link {
namespace {

/// Whether `made` is the same process's next link, made while `before` carries on.
bool overlaps(Session const& made, Session const& before) {
    return made.hello().overlaps && made.hello().instance == before.hello().instance &&
           before.alive();
}

}  // namespace

std::uint64_t Downlinks::put(std::string const& key, SessionPtr session, WallTime now) {
    auto const generation = ++last_generation_;
    auto const made = session;
    auto const before =
        std::exchange(entries_[key], Entry{std::move(session), generation, now, {}});
    // After the exchange: what the end sets off finds the new session in its place.
    if (!before.session) return generation;
    if (overlaps(*made, *before.session)) {
        retire(key, before.session, now);
    } else {
        before.session->end("replaced", "a newer link of the same peer came");
    }
    return generation;
}

bool Downlinks::remove(std::string const& key, std::uint64_t generation) {
    auto const at = entries_.find(key);
    if (at == entries_.end() || at->second.generation != generation) return false;
    entries_.erase(at);
    return true;
}

void Downlinks::set_status(std::string const& key, std::uint64_t generation, std::string status) {
    auto const at = entries_.find(key);
    if (at == entries_.end() || at->second.generation != generation) return;
    at->second.status = std::move(status);
}

void Downlinks::mark_through_upstream(std::string const& key, std::uint64_t generation) {
    auto const at = entries_.find(key);
    if (at != entries_.end() && at->second.generation == generation)
        at->second.through_upstream = true;
}

SessionPtr Downlinks::find(std::string const& key) const {
    auto const at = entries_.find(key);
    return at == entries_.end() ? nullptr : at->second.session;
}

Downlinks::Entry const* Downlinks::entry(std::string const& key) const {
    auto const at = entries_.find(key);
    return at == entries_.end() ? nullptr : &at->second;
}

std::vector<std::string> Downlinks::keys() const {
    std::vector<std::string> all;
    all.reserve(entries_.size());
    for (auto const& [key, entry] : entries_) all.push_back(key);
    return all;
}

std::size_t Downlinks::open_streams(std::string const& key) const {
    auto const current = find(key);
    std::size_t streams = current ? current->open_streams() : 0;
    for (auto const& one : retired_)
        if (one.key == key) streams += one.session->open_streams();
    return streams;
}

void Downlinks::retire(std::string const& key, SessionPtr session, WallTime now) {
    auto const same = [&](Retired const& one) { return one.key == key; };
    if (static_cast<std::size_t>(std::count_if(retired_.begin(), retired_.end(), same)) >=
        max_retired) {
        auto const oldest = std::find_if(retired_.begin(), retired_.end(), same);
        auto const ended = std::move(oldest->session);
        retired_.erase(oldest);
        ended->end("replaced", "the peer has made too many links since");
    }
    retired_.push_back({key, std::move(session), now});
}

void Downlinks::sweep(WallTime now) {
    auto const is_done = [now](Retired const& one) {
        auto const& session = *one.session;
        if (!session.alive() || now >= session.peer_certificate().not_after()) return true;
        return session.open_streams() == 0 && now - one.since >= least_retirement;
    };
    auto const done = std::stable_partition(retired_.begin(), retired_.end(),
                                            [&](Retired const& one) { return !is_done(one); });
    std::vector<Retired> const ended(std::make_move_iterator(done),
                                     std::make_move_iterator(retired_.end()));
    retired_.erase(done, retired_.end());
    for (auto const& one : ended)
        one.session->end("replaced", "the peer's newer link has taken over");
}

bool Downlinks::drop(std::string const& key, std::string const& code, std::string const& detail) {
    std::vector<SessionPtr> ended;
    auto const at = entries_.find(key);
    if (at != entries_.end()) {
        ended.push_back(std::move(at->second.session));
        entries_.erase(at);
    }
    for (auto& one : retired_)
        if (one.key == key) ended.push_back(std::move(one.session));
    std::erase_if(retired_, [](Retired const& one) { return !one.session; });
    for (auto const& session : ended) session->end(code, detail);
    return !ended.empty();
}

void Downlinks::end_all(std::string const& code, std::string const& detail) {
    // A copy: ending a session may remove its entry.
    auto const all = entries_;
    for (auto const& [key, entry] : all) entry.session->end(code, detail);
    auto const retired = std::exchange(retired_, {});
    for (auto const& one : retired) one.session->end(code, detail);
}

}  // namespace adaos::link
