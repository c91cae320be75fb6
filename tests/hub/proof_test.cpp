// The PAKE door of a whole Root and hub: what strangers, wrong codes and lost answers cost.

#include "api/pake_door.hpp"
#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "enrol/pake.hpp"
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::proof_test {

using namespace adaos::test;
using namespace std::chrono_literals;

namespace {

net::Reply post(Mesh& mesh, net::Network& from, std::string const& path, std::string body) {
    net::Fetch request;
    request.method = "POST";
    request.url = net::parse_url(std::string(Mesh::root_url) + path).value();
    request.fields.add("Content-Type", "application/json");
    request.trust.anyone = true;
    request.body = std::move(body);
    return mesh.run(net::fetch(from, mesh.timers, std::move(request))).value();
}

/// The status of the share's answer: 200 is one guess. What is guessed does not matter.
unsigned guess(Mesh& mesh, net::Network& from, std::string const& slot, Bytes const& point) {
    enrol::PakeClient guess(Secret(slot + "AAAAAA"), mesh.random);
    auto const params = post(mesh, from, "/v1/join/params", guess.params_body());
    if (params.head.status != 200) return params.head.status;
    enrol::PakeShare share;
    share.sid = enrol::parse_params_answer(params.body).value().sid;
    std::copy_n(point.begin(), share.share_p.size(), share.share_p.begin());
    return post(mesh, from, "/v1/join/share", enrol::write_json(share)).head.status;
}

/// Any point of the curve.
Bytes some_point(Mesh& mesh) {
    enrol::PakeClient client(Secret("ZZAAAAAA"), mesh.random);
    auto const params = post(mesh, mesh.caller, "/v1/join/params", client.params_body());
    auto const share = client.take_params(params.body).value();
    return {share.share_p.begin(), share.share_p.end()};
}

std::string state_of(Mesh& mesh, MeshNode& hub, std::string const& slot) {
    auto const list =
        mesh.local(hub,
                   {"GET", "/v1/enrol/grants?authority=root&limit=200&include_expired=1", "", ""})
            .value();
    auto const at = list.body.find("\"slot\":\"" + slot + "\"");
    REQUIRE(at != std::string::npos);
    auto const state = list.body.rfind("\"state\":\"", at) + 9;
    return list.body.substr(state, list.body.find('"', state) - state);
}

}  // namespace

TEST_CASE("a stranger who opens many runs leaves room for others", "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto& node = mesh.make_node("beta.test");
    unsigned begun = 0;
    for (std::size_t i = 0; i < api::max_proofs_a_source + 20; ++i) {
        enrol::PakeClient stranger(Secret("ABCDEFGH"), mesh.random);
        auto const reply = post(mesh, mesh.caller, "/v1/join/params", stranger.params_body());
        if (reply.head.status == 200) ++begun;
        if (reply.head.status != 200) CHECK(reply.head.status == 429);
    }
    CHECK(begun == api::max_proofs_a_source);

    CHECK(mesh.join(node, code).has_value());
    mesh.pass(api::proof_life + 1s);
    enrol::PakeClient again(Secret("ABCDEFGH"), mesh.random);
    CHECK(post(mesh, mesh.caller, "/v1/join/params", again.params_body()).head.status == 200);
}

TEST_CASE("a guess that never comes back counts as wrong, and the fifth burns the code",
          "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto const canonical = code.substr(0, 4) + code.substr(5);
    for (int i = 0; i < 5; ++i) {
        CHECK(state_of(mesh, hub, code.substr(0, 2)) == "live");
        enrol::PakeClient guess(Secret(canonical.substr(0, 7) + (canonical[7] == 'A' ? "B" : "A")),
                                mesh.random);
        auto const params = post(mesh, mesh.caller, "/v1/join/params", guess.params_body());
        REQUIRE(params.head.status == 200);
        auto const share = guess.take_params(params.body).value();
        CHECK(post(mesh, mesh.caller, "/v1/join/share", enrol::write_json(share)).head.status ==
              200);
        mesh.pass(api::proof_life + 1s);
    }

    CHECK(state_of(mesh, hub, code.substr(0, 2)) == "revoked");
    auto db = store::Database::open(mesh.root_database()).value();
    auto why = db.prepare(
        "SELECT count(*), count(DISTINCT grant_id), min(length(grant_id)) FROM audit "
        "WHERE event = 'rejected' AND detail = 'proof-failed'");
    REQUIRE(why.step().value());
    CHECK(why.integer(0) == 5);
    CHECK(why.integer(1) == 1);
    CHECK(why.integer(2) == 36);
    auto& node = mesh.make_node("beta.test");
    auto const late = mesh.join(node, code);
    REQUIRE(late.has_error());
    CHECK(late.error().code == Problem::code_burned);
}

TEST_CASE("a slot with a code and one without answer alike", "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const live = mesh.make_code(hub).substr(0, 2);
    auto const empty = std::string(live == "ZZ" ? "YY" : "ZZ");
    std::string salts[2];
    for (int i = 0; i < 2; ++i) {
        enrol::PakeClient guess(Secret((i == 0 ? live : empty) + "AAAAAA"), mesh.random);
        auto const params = post(mesh, mesh.caller, "/v1/join/params", guess.params_body());
        REQUIRE(params.head.status == 200);
        auto const share = guess.take_params(params.body).value();
        auto const met = post(mesh, mesh.caller, "/v1/join/share", enrol::write_json(share));
        REQUIRE(met.head.status == 200);
        auto const wrong = guess.take_share(enrol::parse_share_answer(met.body).value(), "{}");
        REQUIRE(wrong.has_error());
        CHECK(wrong.error().code == Problem::proof_failed);
        salts[i] = enrol::parse_params_answer(params.body).value().authority_id;
    }
    CHECK(salts[0] == salts[1]);
}

TEST_CASE(
    "five minutes of guesses that are never finished are one a second, and those open at once",
    "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto const point = some_point(mesh);
    int judged = 0;
    int told_to_wait = 0;
    for (int i = 0; i < 600; ++i) {
        std::string const slot{enrol::code_alphabet[static_cast<std::size_t>(i / 32 % 32)],
                               enrol::code_alphabet[static_cast<std::size_t>(i % 32)]};
        auto const status = guess(mesh, mesh.caller, slot, point);
        if (status == 200) ++judged;
        if (status == 429) ++told_to_wait;
        mesh.pass(500ms);
    }
    CHECK(judged > 100);
    CHECK(judged <= 300 + enrol::source_burst + enrol::source_depth);
    CHECK(told_to_wait > 100);

    auto& node = mesh.make_node("beta.test");
    CHECK(mesh.join(node, code).has_value());
}

TEST_CASE("addresses that have all runs open leave room for one that has none",
          "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto const point = some_point(mesh);
    mesh.pass(api::proof_life + 1s);
    std::size_t open = 0;
    for (std::size_t host = 0; host < api::max_proofs / api::max_proofs_a_source; ++host) {
        MeshHost attacker(mesh.network, "198.51.100." + std::to_string(host + 1));
        for (std::size_t i = 0; i < api::max_proofs_a_source; ++i) {
            std::string const slot{enrol::code_alphabet[i / 32 + 4 * host % 32],
                                   enrol::code_alphabet[i % 32]};
            if (guess(mesh, attacker, slot, point) == 200) ++open;
        }
    }
    CHECK(open > api::max_proofs - 10);  // a few are for the slot of `code` or a busy one

    auto& node = mesh.make_node("beta.test");
    CHECK(mesh.join(node, code).has_value());
}

TEST_CASE("a join with a wrong code counts at once, not when its minute is over",
          "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto const wrong = code.substr(0, 8) + (code[8] == 'A' ? "B" : "A");
    auto& node = mesh.make_node("beta.test");
    for (int i = 0; i < 5; ++i) {
        CHECK(state_of(mesh, hub, code.substr(0, 2)) == "live");
        auto const refused = mesh.join(node, wrong);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == Problem::proof_failed);
        mesh.pass(1s);
    }
    CHECK(state_of(mesh, hub, code.substr(0, 2)) == "revoked");
    auto const& lines = mesh.root_log.lines;
    CHECK(std::count_if(lines.begin(), lines.end(), [](auto const& line) {
              return line.starts_with("warning a wrong join code was tried");
          }) == 5);
}

TEST_CASE("guesses that are open when Root stops are paid for when it starts",
          "[hub][join][proof]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto const point = some_point(mesh);
    for (auto const symbol : enrol::code_alphabet.substr(0, 20))
        CHECK(guess(mesh, mesh.caller, std::string(2, symbol), point) == 200);

    mesh.stop_root();
    mesh.start_root();

    CHECK(guess(mesh, mesh.caller, "Q2", point) == 429);
    auto& node = mesh.make_node("beta.test");
    CHECK(mesh.join(node, code).has_value());
}

}  // namespace adaos::proof_test
