#include "link/certificate_end.hpp"

#include <algorithm>

namespace adaos::link {
namespace {

/// The wall clock may jump, so it is looked at rather than waited for.
constexpr std::chrono::milliseconds longest_step{60'000};

}  // namespace

CertificateEnd::CertificateEnd(net::Timers& timers, Clock const& clock, Session& session)
    : timers_(timers),
      clock_(clock),
      session_(session),
      not_after_(session.peer_certificate().not_after()),
      end_(timers.now() + (not_after_ - clock.wall())) {
    look();
}

void CertificateEnd::look() {
    using std::chrono::ceil;
    using std::chrono::milliseconds;
    auto const now = timers_.now();
    auto const wall = clock_.wall();
    auto wait = ceil<milliseconds>(not_after_ - wall);
    if (wall >= not_after_) {
        end_ = std::min(end_, now + renewal_grace);
        if (now >= end_) {
            session_.end("certificate_ended", "the certificate of this link has ended");
            return;
        }
        wait = ceil<milliseconds>(end_ - now);
    }
    timer_ = timers_.call_after(std::min(wait, longest_step), [this] { look(); });
}

}  // namespace adaos::link
