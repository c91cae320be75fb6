// The door for nodes whose certificate has ended: who is let through, and what a recording is
// worth.
#include "api/renewal.hpp"
#include "identity/credentials.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::recover_test {

using namespace adaos::test;

namespace {

struct RecoverWorld {
    RecoverWorld() : hub(mesh.add_hub("alpha.test")), node(mesh.add_member("beta.test", hub)) {
        mesh.stop(node);
        mesh.jump(31 * 24h);
        mesh.pass(2s);  // Root shows a new certificate
    }
    static identity::Credentials papers(MeshNode& of, identity::Role role) {
        return identity::load_credentials(of.dir, role).value().value();
    }
    static api::RecoverAsk ask_with(identity::Credentials const& papers) {
        auto const key = pki::Key::from_pem(papers.key_pem).value();
        return {papers.chain_pem, pki::make_request(key, "whatever").value()};
    }
    net::Reply ask(std::string const& door, api::RecoverAsk const& what) {
        return mesh.visit({"POST", door + "/v1/enrol/recover", "", api::to_json(what)}).value();
    }
    net::Reply at_hub(api::RecoverAsk const& what) {
        return mesh.local(hub, {"POST", "/v1/enrol/recover", "", api::to_json(what)}).value();
    }

    Mesh mesh;
    MeshNode& hub;
    MeshNode& node;
};

}  // namespace

TEST_CASE("a recording of a recovery gives nothing but the certificate of its key",
          "[hub][recovery]") {
    RecoverWorld w;
    auto const papers = w.papers(w.node, identity::Role::member);
    auto const request = w.ask_with(papers);

    auto const first = w.at_hub(request);
    auto const again = w.at_hub(request);

    REQUIRE(first.head.status == 200);
    CHECK(again.body == first.body);
    auto const made = pki::Certificate::from_pem(json_at(first.body, "cert_pem")).value();
    CHECK(made.matches(pki::Key::from_pem(papers.key_pem).value()));
    CHECK(made.node() == pki::Certificate::from_pem(papers.chain_pem)->node());
    CHECK(json_at(first.body, "ca_pem") == "");
}

TEST_CASE("another key, another's certificate or another door recovers nothing",
          "[hub][recovery]") {
    RecoverWorld w;
    auto const good = w.ask_with(w.papers(w.node, identity::Role::member));
    auto const status = [&](api::RecoverAsk const& what) { return w.at_hub(what).head.status; };

    auto other_key = good;
    other_key.csr_pem =
        pki::make_request(pki::Key::make(pki::KeyType::p256).value(), w.node.id).value();
    CHECK(status(other_key) == 409);
    auto stranger = good;
    SeededRandom random;
    auto const ca =
        pki::Authority::make("stranger", "", pki::KeyType::p256, w.mesh.clock.wall(), random);
    auto const papers = w.papers(w.node, identity::Role::member);
    stranger.cert_pem =
        ca->issue_node(pki::Key::from_pem(papers.key_pem).value(),
                       {w.hub.subnet_id, w.node.id, false}, w.mesh.clock.wall(), random)
            .value();
    CHECK(status(stranger) == 400);
    CHECK(status({"no certificate", good.csr_pem}) == 422);
    CHECK(status({good.cert_pem, "no request"}) == 400);
    CHECK(status({good.cert_pem, ""}) == 422);
    CHECK(status({std::string(20'000, 'x'), good.csr_pem}) == 422);
    CHECK(status(w.ask_with(w.papers(w.hub, identity::Role::hub))) == 400);
    CHECK(w.ask("", good).head.status == 400);  // Root is for hubs
    CHECK(w.mesh.local(w.hub, {.path = "/v1/enrol/recover"}).value().head.status == 405);
    CHECK(status(good) == 200);
}

TEST_CASE("a recovery comes too late when the budget is spent", "[hub][recovery]") {
    RecoverWorld w;
    auto const good = w.ask_with(w.papers(w.node, identity::Role::member));
    w.mesh.jump(88 * 24h);
    CHECK(w.at_hub(good).head.status == 200);
    w.mesh.jump(2 * 24h);
    auto const late = w.at_hub(good);
    CHECK(late.head.status == 410);
    CHECK(json_at(late.body, "code") == "ADAOS-T006");
    CHECK(json_at(late.body, "next").find("fresh code") != std::string::npos);
}

}  // namespace adaos::recover_test
