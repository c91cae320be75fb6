// The PAKE door of a whole Root and hub: what strangers, wrong codes and lost answers cost.

#include "api/pake_door.hpp"
#include "base/problem.hpp"
#include "enrol/pake.hpp"
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

using namespace adaos;
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
