#pragma once
/// A code, its authority, and one run of the PAKE door between two sides, step by step.

#include "base/problem.hpp"
#include "enrol/pake.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>

namespace adaos::enrol::test {

using adaos::test::SeededRandom;

/// The least that clients agree to: a fair run takes half as long as with `code_cost`.
inline constexpr pki::ScryptCost test_cost{1U << 14, 8, 1};

inline Bytes pake_mac_key() {
    return Bytes(32, std::byte{0x42});
}

/// Remembers what it has stretched: one run of scrypt for each code and salt in all tests.
inline Result<pki::SpakeSecrets> stretch_once(Secret const& code, PakeSalt const& salt,
                                              pki::ScryptCost cost) {
    static std::map<std::string, pki::SpakeSecrets> known;
    auto const name = code.reveal() + to_hex(salt) + std::to_string(cost.n);
    auto const found = known.find(name);
    if (found != known.end()) return found->second;
    auto secrets = stretch_code(code, salt, cost);
    if (secrets) known.emplace(name, *secrets);
    return secrets;
}

inline PakeVerifier make_verifier(std::string const& code) {
    static std::map<std::string, PakeVerifier> known;
    auto const found = known.find(code);
    if (found != known.end()) return found->second;
    auto const made = PakeVerifier::make(pake_mac_key(), Secret(code), test_cost).value();
    return known.emplace(code, made).first->second;
}

/// Both sides of a run, and every body that went between them.
struct PakeRun {
    SeededRandom random;
    PakeClient client;
    PakeServer server;
    std::string share, share_answer, finish, finish_answer;

    explicit PakeRun(PakeVerifier const& verifier, std::string const& code = "ABCDEFGH",
                     std::uint64_t seed = 1)
        : random(seed),
          client(Secret(code), random, stretch_once),
          server(client.params_body(), "sn_0000000a", verifier, random) {}

    /// Each takes the body it is given, or the one that was sent, and notes the answer.
    Result<void> send_params(std::string const& answer) {
        auto const sent = client.take_params(answer);
        if (!sent) return sent.error();
        share = write_json(*sent);
        return Result<void>();
    }
    Result<void> send_share(std::string const& body) {
        auto const message = parse_share(body);
        if (!message) return message.error();
        auto const answer = server.take_share(*message);
        if (!answer) return answer.error();
        share_answer = write_json(*answer);
        return Result<void>();
    }
    Result<void> send_share_answer(std::string const& body, std::string const& order = "order") {
        auto const message = parse_share_answer(body);
        if (!message) return message.error();
        auto const sent = client.take_share(*message, order);
        if (!sent) return sent.error();
        finish = write_json(*sent);
        return Result<void>();
    }
    Result<std::string> send_finish(std::string const& body, std::string const& plain = "outcome") {
        auto const message = parse_finish(body);
        if (!message) return message.error();
        auto order = server.take_finish(*message);
        if (!order) return order.error();
        auto const answer = server.seal_answer(plain);
        if (!answer) return answer.error();
        finish_answer = write_json(*answer);
        return order;
    }
    Result<std::string> send_finish_answer(std::string const& body) {
        auto const message = parse_finish_answer(body);
        if (!message) return message.error();
        return client.take_finish(*message);
    }

    /// As far as the client has sent its share, the server has answered it, and so on.
    void until_share() { REQUIRE(send_params(server.params_body()).has_value()); }
    void until_share_answer() {
        until_share();
        REQUIRE(send_share(share).has_value());
    }
    void until_finish() {
        until_share_answer();
        REQUIRE(send_share_answer(share_answer).has_value());
    }
    void until_finish_answer() {
        until_finish();
        REQUIRE(send_finish(finish).has_value());
    }
};

}  // namespace adaos::enrol::test
