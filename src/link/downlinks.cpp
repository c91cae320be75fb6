#include "link/downlinks.hpp"

#include <utility>

namespace adaos::link {

std::uint64_t Downlinks::put(std::string const& key, SessionPtr session, WallTime now) {
    auto const generation = ++last_generation_;
    auto const before =
        std::exchange(entries_[key], Entry{std::move(session), generation, now, {}});
    // After the exchange: what the end sets off finds the new session in its place.
    if (before.session) before.session->end("replaced", "a newer link of the same peer came");
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

void Downlinks::end_all(std::string const& code, std::string const& detail) {
    // A copy: ending a session may remove its entry.
    auto const all = entries_;
    for (auto const& [key, entry] : all) entry.session->end(code, detail);
}

}  // namespace adaos::link
