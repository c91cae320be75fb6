// What the doors of AdaOS's clients say to those that they do not let in.
#include "base/json.hpp"
#include "support/openapi_world.hpp"

#include <catch2/catch.hpp>

namespace adaos::join_refusals_test {

using namespace adaos::test;

namespace {

struct World {
    explicit World(std::string name)
        : server(std::move(name)), door(server == "root" ? "/v1/subnets/join" : "/api/node/join") {}

    /// Refuses with that status and that problem; returns what it says.
    std::string refused(unsigned status, std::string const& problem, std::string body,
                        std::string const& type = "application/json") {
        Ask ask{"POST", door, "", std::move(body)};
        ask.fields.add("Content-Type", type);
        return detail_of(described.ask(server, status, std::move(ask)), problem);
    }
    static std::string detail_of(net::Reply const& reply, std::string const& problem) {
        INFO(reply.body.substr(0, 400));
        CHECK(*reply.head.fields.find("content-type") == "application/problem+json");
        CHECK(json_at(reply.body, "code") == problem);
        auto detail = json_at(reply.body, "detail");
        CHECK_FALSE(detail.empty());
        return detail;
    }
    std::string order_with(std::string const& field, std::string const& value) {
        auto order = *parse_json(described.join_order("ABCD-EFGH"));
        order[field] = value;
        return dump(order);
    }
    std::string newest_grant() {
        return described.read(server, {.path = "/v1/enrol/grants?kind=member&limit=1"},
                              "data.0.id");
    }

    DescribedWorld described;
    std::string server, door;
};

}  // namespace

TEST_CASE("an AdaOS door gives a detail with every refusal", "[hub][join]") {
    World w(GENERATE("root", "hub"));
    auto& described = w.described;
    CAPTURE(w.server);
    auto const code = described.code_of(w.server);
    auto const order = described.join_order(code);
    described.ask(w.server, 200, {"POST", w.door, "", order});

    CHECK(w.refused(404, "ADAOS-J001", described.join_order("ABCD-EFGH")) == "join-code not found");
    CHECK(w.refused(409, "ADAOS-J005", described.join_order(code)) == "join-code already used");
    CHECK(w.refused(422, "ADAOS-J002", "{}") == "code is required");
    w.refused(422, "ADAOS-J003", w.order_with("code", "!"));
    w.refused(422, "ADAOS-B007", w.order_with("node_id", "me"));
    w.refused(400, "ADAOS-J014", w.order_with("csr_pem", "nonsense"));
    w.refused(400, "ADAOS-B001", "{");
    w.refused(413, "ADAOS-B004", std::string(70'000, ' '));
    w.refused(415, "ADAOS-B006", order, "text/plain");

    auto taken = *parse_json(described.join_order(described.code_of(w.server)));
    taken["node_id"] = json_at(order, "node_id");
    w.refused(409, "ADAOS-T004", dump(taken));
    auto const revoked = described.code_of(w.server);
    described.ask(w.server, 200, {"DELETE", "/v1/enrol/grants/" + w.newest_grant()});
    w.refused(410, "ADAOS-J020", described.join_order(revoked));
    auto const late = described.code_of(w.server);
    described.mesh.pass(31min);
    CHECK(w.refused(410, "ADAOS-J004", described.join_order(late)) == "join-code expired");
}

TEST_CASE("an AdaOS door that has heard too many wrong codes says so in its detail",
          "[hub][join]") {
    World w("root");
    auto& described = w.described;
    auto const guess = described.join_order("ABCD-EFGH");
    auto const ask = [&] {
        Ask order{"POST", w.door, "", guess};
        order.fields.add("Content-Type", "application/json");
        return described.mesh.visit(std::move(order)).value();
    };
    auto reply = ask();
    for (int i = 0; i < 20 && reply.head.status != 429; ++i) reply = ask();
    REQUIRE(reply.head.status == 429);
    World::detail_of(reply, "ADAOS-J006");
}

TEST_CASE("an AdaOS door that a stranger could listen at says so in its detail", "[hub][join]") {
    World w("hub");
    net::Fetch request;
    request.method = "POST";
    request.url = net::parse_url(w.described.hub.url() + w.door).value();
    request.fields.add("Content-Type", "application/json");
    request.body = "{}";
    auto& mesh = w.described.mesh;
    auto const reply = mesh.run(net::fetch(mesh.caller, mesh.timers, std::move(request))).value();
    CHECK(reply.head.status == 403);
    World::detail_of(reply, "ADAOS-J007");
}

}  // namespace adaos::join_refusals_test
