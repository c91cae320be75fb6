/// What a stranger may send to the PAKE door, and what a damaged store may hold: the first byte
/// says which. Nothing crashes, nothing is accepted, and what is read is written as it was.

#include "base/random.hpp"
#include "enrol/pake.hpp"
#include "pki/spake2plus.hpp"

#include "support/seeded_random.hpp"

#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>

using namespace adaos;
using namespace adaos::enrol;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

Bytes const& mac_key() {
    static Bytes const key(32, std::byte{7});
    return key;
}

/// Another way to write a message exists (member order, blanks); its meaning has only one.
template <class Message>
void check_same(Message const& message, Result<Message> (*parse)(std::string_view)) {
    auto const text = write_json(message);
    auto const again = parse(text);
    check(again.has_value() && write_json(*again) == text);
}

PakeServer new_run(test::SeededRandom& random) {
    static PakeVerifier const verifier = PakeVerifier::fake(mac_key(), "AB");
    return PakeServer("request", "sn_0000000a", verifier, random);
}

void share(PakeShare message, test::SeededRandom& random) {
    auto run = new_run(random);
    (void)run.take_share(message);  // nearly always another run's
    message.sid = run.sid();
    auto const answer = run.take_share(message);
    if (answer) check_same(*answer, &parse_share_answer);
}

void finish(PakeFinish message, test::SeededRandom& random) {
    auto run = new_run(random);
    auto const prover =
        pki::SpakeProver::start({pki::draw_spake_scalar(random), pki::draw_spake_scalar(random)},
                                pki::draw_spake_scalar(random));
    check(run.take_share({run.sid(), prover->share()}).has_value());
    message.sid = run.sid();
    check(run.take_finish(message).has_error());
    check(run.seal_answer("").has_error());
}

template <class Message>
void body(std::string_view text, Result<Message> (*parse)(std::string_view)) {
    auto const message = parse(text);
    if (message) check_same(*message, parse);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const text(reinterpret_cast<char const*>(data) + 1, size - 1);
    test::SeededRandom random;
    switch (data[0] % 8) {
        case 0: body(text, &parse_params_request); break;
        case 1: body(text, &parse_params_answer); break;
        case 2: body(text, &parse_share_answer); break;
        case 3: body(text, &parse_finish_answer); break;
        case 4:
            body(text, &parse_share);
            if (auto const message = parse_share(text)) share(*message, random);
            break;
        case 5:
            body(text, &parse_finish);
            if (auto const message = parse_finish(text)) finish(*message, random);
            break;
        case 6: {
            auto const found = PakeVerifier::from_blob(as_bytes(text));
            if (found) check(as_text(found->to_blob()) == text);
            break;
        }
        case 7: {
            auto const record = PakeVerifier::fake(mac_key(), "AB").record;
            (void)pki::SpakeVerifier::answer({}, record, pki::draw_spake_scalar(random),
                                             as_bytes(text));
            break;
        }
    }
    check(ERR_peek_error() == 0);
    return 0;
}
