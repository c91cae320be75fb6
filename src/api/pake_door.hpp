#pragma once
/// The PAKE join door (`POST /v1/join/params|share|finish`), at Root and hub alike: a machine
/// proves its code over any connection, and gets its certificate in a sealed box.
/// docs/protocol/join.md

#include "api/join_door.hpp"
#include "api/router.hpp"
#include "enrol/pake.hpp"
#include "enrol/throttle.hpp"
#include "net/timers.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace adaos::api {

/// A run is over after this time.
inline constexpr std::chrono::seconds proof_life{60};
/// Most runs at once: 1 KiB each. Of one source (IPv6: /64), so that it leaves room for others;
/// answers that are kept for a lost connection go first, then the source with the most loses its
/// oldest, which counts as a wrong guess if it has paid for a try.
inline constexpr std::size_t max_proofs = 1024;
inline constexpr std::size_t max_proofs_a_source = enrol::source_depth;

class PakeDoor {
public:
    /// `door`: what a redemption needs; the two doors let machines in the same way.
    PakeDoor(JoinDoor& door, std::string authority_id, net::Timers& timers);
    ~PakeDoor();

    void add_routes(Router& router);

private:
    struct Run;
    using RunPtr = std::shared_ptr<Run>;  // the table and the request under way share it

    net::Task<void> params(net::Exchange& exchange);
    net::Task<void> share(net::Exchange& exchange);
    net::Task<void> finish(net::Exchange& exchange);
    net::Task<std::string> redeem(RunPtr run, std::string order_json);
    [[nodiscard]] RunPtr find(enrol::PakeSid const& sid) const;
    /// Ends the run; if somebody got the share and did not prove the code, that was a wrong guess.
    void expire(enrol::PakeSid const& sid);
    /// Judges what the run paid for, on the store's thread; `otherwise` is logged if that fails.
    void settle(Run& run, std::string otherwise,
                Result<void> (enrol::Grants::*how)(std::string_view run));
    [[nodiscard]] std::size_t runs_of(std::string const& source) const;
    /// True when one more run of `source` may begin.
    [[nodiscard]] bool make_room(std::string const& source);
    [[nodiscard]] bool drop_oldest_answer(std::string const& source);

    JoinDoor& door_;
    std::string authority_id_;
    net::Timers& timers_;
    std::map<enrol::PakeSid, RunPtr> runs_;
    std::uint64_t begun_ = 0;  ///< runs so far: numbers them by age
};

}  // namespace adaos::api
