#include "enrol/pake.hpp"

#include "enrol/pake_world.hpp"

#include <openssl/err.h>

namespace adaos::pake_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

TEST_CASE("who has the code and who knows it exchange an order and its outcome", "[enrol][pake]") {
    auto const seed = GENERATE(range(1, 20));
    PakeRun run(make_verifier("ABCDEFGH"), "ABCDEFGH", static_cast<std::uint64_t>(seed));

    run.until_share_answer();
    CHECK(run.client.authority_id().empty());
    auto const sent = run.send_share_answer(run.share_answer, "let me in");
    auto const order = run.send_finish(run.finish, "welcome");
    auto const outcome = run.send_finish_answer(run.finish_answer);

    REQUIRE(sent.has_value());
    CHECK(order.value() == "let me in");
    CHECK(outcome.value() == "welcome");
    CHECK(run.client.authority_id() == "sn_0000000a");
}

TEST_CASE("longer codes have longer slots and prove as well", "[enrol][pake]") {
    auto const* const code = GENERATE("ABCDEFGHJK", "ABCDEFGHJKLM");
    PakeRun run(make_verifier(code), code);

    run.until_finish_answer();

    CHECK(run.send_finish_answer(run.finish_answer).value() == "outcome");
}

TEST_CASE("a wrong code is found out by the client, before it seals anything", "[enrol][pake]") {
    PakeRun run(make_verifier("ABCDEFGH"), "ABCDEFGJ");
    run.until_share_answer();

    auto const sent = run.send_share_answer(run.share_answer);

    REQUIRE(sent.has_error());
    CHECK(sent.error().code == Problem::proof_failed);
    CHECK(run.finish.empty());
    CHECK(run.client.authority_id().empty());
    CHECK(run.send_share_answer(run.share_answer).error().code == Problem::internal);
}

TEST_CASE("a slot without a code answers like one with, and never accepts", "[enrol][pake]") {
    auto const key = pake_mac_key();
    PakeRun real(make_verifier("ABCDEFGH"));
    auto fake_verifier = PakeVerifier::fake(key, "AB");
    fake_verifier.cost = test_cost;
    PakeRun fake(fake_verifier);

    real.until_share_answer();
    fake.until_share_answer();

    // The same random source: what differs is what the code decides.
    CHECK(fake.server.params_body() == real.server.params_body());
    CHECK(fake.share_answer.size() == real.share_answer.size());
    CHECK(fake.send_share_answer(fake.share_answer).error().code == Problem::proof_failed);
    auto const finish = write_json(PakeFinish{fake.server.sid(), {}, Bytes(16)});
    CHECK(fake.send_finish(finish).error().code == Problem::proof_failed);
}

TEST_CASE("a share sent back to its sender is refused", "[enrol][pake]") {
    PakeRun run(make_verifier("ABCDEFGH"));
    run.until_share_answer();
    auto answer = parse_share_answer(run.share_answer).value();
    answer.share_v = parse_share(run.share).value().share_p;

    auto const sent = run.send_share_answer(write_json(answer));

    CHECK(sent.error().code == Problem::bad_answer);
}

TEST_CASE("two runs at once do not mix", "[enrol][pake]") {
    auto const verifier = make_verifier("ABCDEFGH");
    PakeRun one(verifier, "ABCDEFGH", 1);
    PakeRun two(verifier, "ABCDEFGH", 2);
    one.until_share();
    two.until_share();

    CHECK(one.send_share(two.share).error().code == Problem::bad_request);
    REQUIRE(two.send_share(two.share).has_value());
    REQUIRE(one.send_share(one.share).has_value());
    auto crossed = one;
    CHECK(crossed.send_share_answer(two.share_answer).error().code == Problem::proof_failed);
    REQUIRE(one.send_share_answer(one.share_answer).has_value());
    REQUIRE(two.send_share_answer(two.share_answer).has_value());
    CHECK(one.send_finish(two.finish).error().code == Problem::bad_request);
    auto forged = parse_finish(two.finish).value();
    forged.sid = one.server.sid();
    auto attacked = one;
    CHECK(attacked.send_finish(write_json(forged)).error().code == Problem::proof_failed);
    REQUIRE(one.send_finish(one.finish).has_value());
    REQUIRE(two.send_finish(two.finish).has_value());
    crossed = one;
    CHECK(crossed.send_finish_answer(two.finish_answer).error().code == Problem::proof_failed);
    CHECK(one.send_finish_answer(one.finish_answer).has_value());
    CHECK(two.send_finish_answer(two.finish_answer).has_value());
}

TEST_CASE("a run answers one share, takes one proof and seals one box", "[enrol][pake]") {
    PakeRun run(make_verifier("ABCDEFGH"));
    CHECK(run.server.seal_answer("early").error().code == Problem::bad_request);
    run.until_share_answer();

    CHECK(run.send_share(run.share).error().code == Problem::bad_request);
    REQUIRE(run.send_share_answer(run.share_answer).has_value());
    CHECK(run.send_finish(run.finish).has_value());
    CHECK(run.send_finish(run.finish).error().code == Problem::bad_request);
    CHECK(run.server.seal_answer("again").error().code == Problem::bad_request);
    CHECK(run.send_finish_answer(run.finish_answer).has_value());
    CHECK(run.send_finish_answer(run.finish_answer).error().code == Problem::internal);
}

TEST_CASE("a bad share or proof ends the run at the authority", "[enrol][pake]") {
    PakeRun run(make_verifier("ABCDEFGH"));
    run.until_share();
    auto const at_share = run.server;
    auto bad = parse_share(run.share).value();
    bad.share_p[64] ^= std::byte{1};

    CHECK(run.send_share(write_json(bad)).error().code == Problem::invalid_field);
    CHECK(run.send_share(run.share).error().code == Problem::bad_request);

    run.server = at_share;
    REQUIRE(run.send_share(run.share).has_value());
    REQUIRE(run.send_share_answer(run.share_answer).has_value());
    auto wrong = parse_finish(run.finish).value();
    wrong.confirm_p[0] ^= std::byte{1};
    CHECK(run.send_finish(write_json(wrong)).error().code == Problem::proof_failed);
    CHECK(run.send_finish(run.finish).error().code == Problem::bad_request);
}

TEST_CASE("a box holds 32 KiB with its tag, and no byte more", "[enrol][pake]") {
    std::string const full(max_boxed_bytes, 'x');
    PakeRun run(make_verifier("ABCDEFGH"));
    run.until_share_answer();
    auto too_long = run;

    CHECK(too_long.send_share_answer(run.share_answer, full + 'x').error().code ==
          Problem::invalid_field);
    REQUIRE(run.send_share_answer(run.share_answer, full).has_value());
    CHECK(run.finish.size() <= max_pake_body_bytes);
    too_long = run;
    CHECK(too_long.send_finish(run.finish, full + 'x').error().code == Problem::internal);
    CHECK(run.send_finish(run.finish, full).value() == full);
    CHECK(run.send_finish_answer(run.finish_answer).value() == full);
}

TEST_CASE("an empty text is a text that a box can hold", "[enrol][pake]") {
    PakeRun run(make_verifier("ABCDEFGH"));
    run.until_share_answer();

    REQUIRE(run.send_share_answer(run.share_answer, "").has_value());
    CHECK(run.send_finish(run.finish, "").value().empty());
    CHECK(run.send_finish_answer(run.finish_answer).value().empty());
}

namespace {

/// `text` with one bit of its byte `at` flipped: first a low one, which leaves much of it valid.
std::string flipped(std::string text, std::size_t at, int bit) {
    text[at] = static_cast<char>(text[at] ^ (1 << bit));
    return text;
}

}  // namespace

TEST_CASE("no changed byte of the params request leads to a proof", "[enrol][pake]") {
    auto const verifier = make_verifier("ABCDEFGH");
    PakeRun const fresh(verifier);
    auto const& body = fresh.client.params_body();
    SeededRandom random(5);
    for (std::size_t i = 0; i < body.size(); ++i) {
        auto run = fresh;
        // Whatever of it the authority reads: the machine hashes what it sent.
        run.server =
            PakeServer(flipped(body, i, static_cast<int>(i % 7)), "sn_0000000a", verifier, random);
        run.until_share_answer();
        CHECK(run.send_share_answer(run.share_answer).error().code == Problem::proof_failed);
    }
}

TEST_CASE("no changed byte of the params answer leads to a proof", "[enrol][pake]") {
    PakeRun const fresh(make_verifier("ABCDEFGH"));
    auto const& body = fresh.server.params_body();
    int went_on = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        auto run = fresh;
        auto const taken = run.send_params(flipped(body, i, 0));
        if (!taken) {
            CHECK(taken.error().code == Problem::bad_answer);
            continue;
        }
        ++went_on;
        auto const answered = run.send_share(run.share);
        if (!answered) {  // the sid
            CHECK(answered.error().code == Problem::bad_request);
            continue;
        }
        CHECK(run.send_share_answer(run.share_answer).error().code == Problem::proof_failed);
    }
    CHECK(went_on > 50);
}

TEST_CASE("no changed byte of a share leads to a proof", "[enrol][pake]") {
    PakeRun fresh(make_verifier("ABCDEFGH"));
    fresh.until_share();
    for (std::size_t i = 0; i < fresh.share.size(); ++i) {
        auto run = fresh;
        if (!run.send_share(flipped(fresh.share, i, static_cast<int>(i % 7)))) continue;
        CHECK(run.send_share_answer(run.share_answer).error().code == Problem::proof_failed);
    }
    // Few points are on the curve when a byte changes: here is one that is, of the same code.
    auto run = fresh;
    auto const secrets =
        stretch_once(Secret("ABCDEFGH"), make_verifier("ABCDEFGH").salt, test_cost).value();
    auto const other_prover =
        pki::SpakeProver::start(secrets, pki::draw_spake_scalar(run.random)).value();
    auto const other = PakeShare{fresh.server.sid(), other_prover.share()};
    REQUIRE(run.send_share(write_json(other)).has_value());
    CHECK(run.send_share_answer(run.share_answer).error().code == Problem::proof_failed);
}

TEST_CASE("no changed byte of a share's answer is taken for a proof", "[enrol][pake]") {
    PakeRun fresh(make_verifier("ABCDEFGH"));
    fresh.until_share_answer();
    for (std::size_t i = 0; i < fresh.share_answer.size(); ++i) {
        auto run = fresh;
        CHECK(run.send_share_answer(flipped(fresh.share_answer, i, static_cast<int>(i % 7)))
                  .has_error());
    }
}

TEST_CASE("no changed byte of the last two bodies gets through", "[enrol][pake]") {
    PakeRun fresh(make_verifier("ABCDEFGH"));
    fresh.until_finish_answer();
    PakeRun before(make_verifier("ABCDEFGH"));
    before.until_finish();
    REQUIRE(before.finish == fresh.finish);

    for (std::size_t i = 0; i < fresh.finish.size(); ++i) {
        auto run = before;
        CHECK(run.send_finish(flipped(fresh.finish, i, static_cast<int>(i % 7))).has_error());
    }
    for (std::size_t i = 0; i < fresh.finish_answer.size(); ++i) {
        auto run = fresh;
        auto const body = flipped(fresh.finish_answer, i, static_cast<int>(i % 7));
        CHECK(run.send_finish_answer(body).has_error());
    }
    CHECK(ERR_peek_error() == 0);
}

}  // namespace adaos::pake_test
