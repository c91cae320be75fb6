// A lost answer that is asked for again, after Root's CA was exchanged in between.
#include "base/json.hpp"
#include "pki/pinned.hpp"
#include "pki/request.hpp"
#include "root/ca_set.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::replay_test {

using namespace adaos::root;
using namespace adaos::test;

namespace {

net::Reply post(Mesh& mesh, std::string path, Json const& body) {
    Ask ask{"POST", std::move(path), "", dump(body)};
    ask.fields.add("X-Root-Token", mesh.root_token());
    ask.fields.add("Content-Type", "application/json");
    return mesh.visit(std::move(ask)).value();
}

}  // namespace

TEST_CASE("an answer that is given again comes with the CA that signed it", "[root][rotation]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    RootDir const dir{mesh.root_folder()};
    Json order;
    order["subnet_id"] = hub.subnet_id;
    auto const key = *pki::Key::make(pki::KeyType::p384);
    Json wish;
    wish["token"] = json_at(post(mesh, "/v1/nodes/join-tokens", order).body, "token");
    wish["csr_pem"] = *pki::make_request(key, "builder");
    wish["node_name"] = "builder";
    wish["architecture"] = "amd64";
    wish["advertised_endpoint"] = "https://builder.test:9400";
    wish["migration_host"] = "builder.test";
    wish["migration_port_range_start"] = 49152;
    wish["migration_port_range_end"] = 49251;
    wish["redeem_id"] = std::string(32, 'a');
    auto const first = post(mesh, "/v1/nodes/join", wish);
    REQUIRE(first.head.status == 201);

    REQUIRE(prepare_next_ca(dir, mesh.clock, mesh.random).has_value());
    mesh.pass(2s);
    REQUIRE(activate_next_ca(dir, mesh.clock, mesh.random).has_value());
    mesh.pass(2s);
    auto const again = post(mesh, "/v1/nodes/join", wish);

    REQUIRE(again.head.status == 201);
    CHECK(json_at(again.body, "cert_pem") == json_at(first.body, "cert_pem"));
    CHECK(json_at(again.body, "ca_cert_pem") == json_at(first.body, "ca_cert_pem"));
    auto const ca = pki::Certificate::from_pem(json_at(again.body, "ca_cert_pem")).value();
    CHECK(pki::verify_issued(json_at(again.body, "cert_pem"), ca, mesh.clock.wall()).has_value());

    REQUIRE(drop_old_ca(dir, Finish::now, mesh.clock, mesh.random).has_value());
    mesh.pass(2s);
    CHECK(post(mesh, "/v1/nodes/join", wish).head.status == 401);  // that leaf is worth nothing
}

}  // namespace adaos::replay_test
