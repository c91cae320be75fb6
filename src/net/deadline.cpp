#include "net/deadline.hpp"

namespace adaos::net {

Deadline::Deadline(Timers& timers, ByteStream& stream, std::chrono::milliseconds after)
    : timer_(timers.call_after(after, [this, &stream] {
          passed_ = true;
          stream.abort();
      })) {}

}  // namespace adaos::net
