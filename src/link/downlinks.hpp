#pragma once
/// The links an upstream holds, by peer: the newest session of a peer is the one, older ones are
/// ended with `replaced` at once. Root: by subnet id; hub: by node id. One exception: a peer that
/// renews its link (`Hello::overlaps`) has its older session *retired*: it gets no new streams, and
/// ends when those it has are done, or with its certificate.

#include "link/session.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace adaos::link {

class Downlinks {
public:
    struct Entry {
        SessionPtr session;
        std::uint64_t generation = 0;  ///< grows with each session; only the current one may act
        WallTime since{};
        std::string status;             ///< last node.status JSON of this session; may be empty
        bool through_upstream = false;  ///< its carrier came down our own uplink
    };
    /// Retired sessions of one peer, at most; then the oldest ends.
    static constexpr std::size_t max_retired = 4;
    /// A request that found a session may take so long until it opens its stream there.
    static constexpr std::chrono::seconds least_retirement{2};

    /// Puts `session` in the peer's place; ends, or retires, the one that was there. Returns its
    /// generation.
    std::uint64_t put(std::string const& key, SessionPtr session, WallTime now);
    void mark_through_upstream(std::string const& key, std::uint64_t generation);
    /// Removes the entry if it is still that generation; true when it was.
    bool remove(std::string const& key, std::uint64_t generation);
    void set_status(std::string const& key, std::uint64_t generation, std::string status);
    [[nodiscard]] SessionPtr find(std::string const& key) const;
    [[nodiscard]] Entry const* entry(std::string const& key) const;
    [[nodiscard]] std::vector<std::string> keys() const;
    /// Of all that the peer has, retired ones too.
    [[nodiscard]] std::size_t open_streams(std::string const& key) const;
    /// The peer has no link from now on: all it has are ended with `code`. True when it had one.
    bool drop(std::string const& key, std::string const& code, std::string const& detail);
    /// Ends the retired sessions that are done. To be called now and then while there are any.
    void sweep(WallTime now);
    [[nodiscard]] bool has_retired() const noexcept { return !retired_.empty(); }
    /// Ends all with `code`.
    void end_all(std::string const& code, std::string const& detail);

private:
    struct Retired {
        std::string key;
        SessionPtr session;
        WallTime since{};
    };
    void retire(std::string const& key, SessionPtr session, WallTime now);

    std::map<std::string, Entry> entries_;
    std::vector<Retired> retired_;  ///< oldest first
    std::uint64_t last_generation_ = 0;
};

}  // namespace adaos::link
