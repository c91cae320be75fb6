// Both roles of the control core, fed with the input in pieces; what they say is bounded.
#include "base/problem.hpp"
#include "link/control_core.hpp"

#include <cstdint>
#include <cstdlib>

using namespace adaos;
using namespace adaos::link;

namespace {

void drain(ControlCore& core, SteadyTime now) {
    while (auto const event = core.next_event()) {
        if (std::holds_alternative<Hello>(*event)) {
            HelloAck ack;
            ack.ok = true;
            core.answer(ack, now);
            (void)core.call("probe", "{}", now + std::chrono::seconds(1));
        }
        if (auto const* const call = std::get_if<Call>(&*event)) core.reply(call->id, call->params);
    }
}

void drive(ControlCore& core, std::span<std::byte const> input) {
    SteadyTime now{};
    while (!input.empty()) {
        auto const n =
            std::min<std::size_t>(input.size(), 1 + std::to_integer<std::size_t>(input[0]));
        now += std::chrono::milliseconds(n);
        core.heard(now);
        core.feed(input.first(n), now);
        input = input.subspan(n);
        drain(core, now);
        core.tick(now);
    }
    auto const said = core.output(SIZE_MAX);
    if (said.size() > 3 * max_calls * (max_control_bytes + 4)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const input = std::span(reinterpret_cast<std::byte const*>(data), size);
    ControlCore up(SessionTimes(), SteadyTime{});
    drive(up, input);
    ControlCore down(SessionTimes(), SteadyTime{}, Hello());
    drive(down, input);
    auto const text = as_text(input);
    if (auto const message = decode(text)) {
        // What was understood can be said again, unless it is of a later version.
        if (auto const again = encode(*message)) (void)decode(again->substr(4)).value();
    }
    return 0;
}
