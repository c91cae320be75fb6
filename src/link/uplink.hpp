#pragma once
/// A node's one required link: dialled for ever, honest about its state.

#include "base/random.hpp"
#include "link/session.hpp"
#include "net/http_client.hpp"
#include "net/network.hpp"
#include "net/tls.hpp"

#include <functional>
#include <memory>
#include <string>

namespace adaos::link {

/// Everything one attempt needs, read afresh each time (a new membership, a renewed certificate).
struct Target {
    net::Url url;  ///< http(s)://host:port/path of the carrier: ".../ws/hub" or ".../ws/subnet"
    net::TlsTrust trust;  ///< for https carriers
    net::TlsIdentity identity;
    std::string anchors_pem;  ///< for the inner session
    CheckPeer check;
    Hello hello;
};
/// Errors: what is missing; the uplink then waits (state `idle`) for `wake()` or the next back-off.
using FindTarget = std::function<Result<Target>()>;
/// What must be in order before a target makes sense: a certificate that ended is renewed first.
/// Errors: it is not; counts as a failed attempt.
using Prepare = std::function<net::Task<Result<void>>()>;

struct UplinkState {
    enum class Phase { idle, connecting, handshaking, connected, waiting };
    Phase phase = Phase::idle;
    std::string upstream;    ///< carrier URL without query
    std::string last_error;  ///< problem id and sentence of the last failure; empty when connected
    std::string last_error_id;  ///< "ADAOS-U001"
    WallTime since{};           ///< of the phase
    std::optional<WallTime> next_try;
    std::uint64_t connects = 0;  ///< sessions that reached hello.ack ok
    std::optional<HelloAck> ack;
};
[[nodiscard]] std::string_view phase_name(UplinkState::Phase phase) noexcept;

class Uplink {
public:
    struct Deps {
        boost::asio::any_io_executor loop;
        net::Network& network;
        net::Timers& timers;
        Clock& clock;
        Random& random;
        Log log;
        SessionTimes times;
        /// For the connection, and again for TLS and upgrade.
        std::chrono::milliseconds connect_timeout{5'000};
    };
    Uplink(Deps deps, FindTarget find, SessionHandlers handlers);
    ~Uplink();
    /// Runs before each attempt. To be set before `run`.
    void prepare_with(Prepare prepare);

    /// Keeps the link until `stop()`. Call once, spawned by the owner.
    net::Task<void> run();
    /// Drops the current session or pause, and dials again now (fresh Target).
    void wake(std::string reason);
    /// Makes the link anew before the old one goes: dials a second session with a fresh Target;
    /// once it is accepted it takes over, and streams under way on the old one finish there. Does
    /// nothing without a session: the next attempt has a fresh Target anyway. Errors: the dial's;
    /// the old session goes on then.
    net::Task<Result<void>> renew();
    /// Says goodbye (`draining`), ends run().
    net::Task<void> stop();

    [[nodiscard]] UplinkState const& state() const noexcept;
    /// The upstream has said that this node is out (node_removed, certificate_too_old).
    [[nodiscard]] bool refused_for_good() const noexcept;
    /// hello.ack was ok and something was heard within `SessionTimes::silence`.
    [[nodiscard]] bool connected() const noexcept;
    /// The live session, or null. Do not keep it across an await without checking alive().
    [[nodiscard]] SessionPtr session() const noexcept;
    /// Called after each change of phase.
    void on_change(std::function<void()> call);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::link
