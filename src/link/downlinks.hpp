#pragma once
/// The links an upstream holds, by peer: the newest session of a peer is the one, older ones are
/// ended with `replaced` at once. Root: by subnet id; hub: by node id.

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
        std::string status;  ///< last node.status JSON of this session; may be empty
    };
    /// Puts `session` in the peer's place, ends the one that was there. Returns its generation.
    std::uint64_t put(std::string const& key, SessionPtr session, WallTime now);
    /// Removes the entry if it is still that generation; true when it was.
    bool remove(std::string const& key, std::uint64_t generation);
    void set_status(std::string const& key, std::uint64_t generation, std::string status);
    [[nodiscard]] SessionPtr find(std::string const& key) const;
    [[nodiscard]] Entry const* entry(std::string const& key) const;
    [[nodiscard]] std::vector<std::string> keys() const;
    /// Ends all with `code`.
    void end_all(std::string const& code, std::string const& detail);

private:
    std::map<std::string, Entry> entries_;
    std::uint64_t last_generation_ = 0;
};

}  // namespace adaos::link
