#pragma once
/// What the two ends of a link tell each other, and how long they wait. Wire format:
/// docs/protocol/link.md

#include <chrono>
#include <string>

namespace adaos::link {

/// What a dialler says first. Its identity is the certificate; a hello that names another is
/// refused.
struct Hello {
    std::string node_id;
    std::string subnet_id;
    std::string role;  ///< "hub" or "member"
    std::string name;  ///< node name, [a-z0-9_-]{1,40}
    std::string hostname;
    std::string zone;          ///< two letters, may be empty
    std::string version;       ///< of the software
    std::string instance;      ///< random per process: tells a restart from a copy
    std::string architecture;  ///< "amd64" or "arm64"; empty: another, or an older dialler
    bool overlaps = false;  ///< our link before this one lives: let what is under way on it finish
    [[nodiscard]] bool operator==(Hello const&) const = default;
};

struct HelloAck {
    bool ok = false;
    std::string error;    ///< when not ok: subnet_mismatch, node_unknown, node_revoked, not_a_hub,
                          ///< protocol
    std::string detail;   ///< a sentence for people
    std::string node_id;  ///< of the upstream; "root" for Root
    std::string subnet_id;
    std::string node_name;    ///< under which the upstream lists the dialler; may be empty
    std::string server_time;  ///< RFC 3339
    [[nodiscard]] bool operator==(HelloAck const&) const = default;
};

/// Why a session ended. `code` is stable, `detail` for people.
struct Ending {
    /// replaced, node_revoked, certificate_ended, draining, peer_closed, peer_silent, carrier_lost,
    /// refused, protocol
    std::string code;
    std::string detail;
    [[nodiscard]] bool operator==(Ending const&) const = default;
};

struct SessionTimes {
    std::chrono::milliseconds ping{5'000};      ///< we ping when nothing was heard for that long
    std::chrono::milliseconds silence{15'000};  ///< the peer is dead when nothing was heard so long
    std::chrono::milliseconds hello{5'000};     ///< hello and hello.ack must come within
};

}  // namespace adaos::link
