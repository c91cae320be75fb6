#pragma once
/// Bounds the time of what a stream does: when the time is over the stream is aborted, and the
/// pending call fails.

#include "net/byte_stream.hpp"
#include "net/timers.hpp"

namespace adaos::net {

/// From construction to destruction. The stream must outlive it.
class Deadline {
public:
    Deadline(Timers& timers, ByteStream& stream, std::chrono::milliseconds after);
    Deadline(Deadline const&) = delete;
    Deadline& operator=(Deadline const&) = delete;

    /// True once the time was over. Then the error to report is Problem::timed_out.
    [[nodiscard]] bool passed() const noexcept { return passed_; }

private:
    bool passed_ = false;
    TimerPtr timer_;
};

}  // namespace adaos::net
