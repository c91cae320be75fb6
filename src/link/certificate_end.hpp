#pragma once
/// A session ends with the certificate that its dialler showed, unless that one has been renewed,
/// and the link with it, before. To the second, as the machine counts time. When only the wall
/// clock says that the end has come, it has jumped: the dialler, which looks each minute whether it
/// is time to renew, is left `renewal_grace` for that.

#include "base/clock.hpp"
#include "link/session.hpp"
#include "net/timers.hpp"

#include <chrono>

namespace adaos::link {

class CertificateEnd {
public:
    static constexpr std::chrono::minutes renewal_grace{2};

    /// What it refers to outlives it.
    CertificateEnd(net::Timers& timers, Clock const& clock, Session& session);
    CertificateEnd(CertificateEnd const&) = delete;

private:
    void look();

    net::Timers& timers_;
    Clock const& clock_;
    Session& session_;
    WallTime const not_after_;
    SteadyTime end_;
    net::TimerPtr timer_;
};

}  // namespace adaos::link
