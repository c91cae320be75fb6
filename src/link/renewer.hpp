#pragma once
/// Renews a certificate at half its life, for as long as it takes: docs/protocol/renewal.md.

#include "base/random.hpp"
#include "net/env.hpp"
#include "net/task.hpp"
#include "pki/certificate.hpp"

#include <chrono>
#include <functional>
#include <optional>

namespace adaos::link {

/// When a certificate is to be renewed: after 50 to 55 % of its life, so that machines that joined
/// together do not come together. `jitter` is 0 to 1.
[[nodiscard]] WallTime renewal_time(pki::Certificate const& certificate, double jitter);

class Renewer {
public:
    struct Deps {
        net::Env env;
        /// The certificate in use; absent when there is none yet.
        std::function<std::optional<pki::Certificate>()> current;
        /// Asks for a new one and stores it. Errors are tried again.
        std::function<net::Task<Result<void>>()> renew;
        /// Has the stored one used from now on. Errors are tried again, without asking once more.
        std::function<net::Task<Result<void>>()> take_up;
    };
    explicit Renewer(Deps deps);

    /// Looks at the clock every now and then, until `stop`.
    net::Task<void> run();
    void stop() noexcept { stopping_ = true; }

private:
    [[nodiscard]] bool is_due();
    net::Task<Result<void>> renew();
    void on_failed(Error const& error);

    Deps deps_;
    std::optional<WallTime> due_;
    std::chrono::milliseconds step_;  ///< how often to look
    std::chrono::milliseconds cap_;   ///< of the next pause after a failure
    double jitter_;
    bool stored_ = false;  ///< a new one, not taken up yet
    bool failing_ = false;
    bool stopping_ = false;
};

}  // namespace adaos::link
