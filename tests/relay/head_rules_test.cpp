#include "relay/head_rules.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::head_rules_test {

using namespace adaos::relay;

namespace {

Route edge_route() {
    Route route;
    route.edge = Edge::yes;
    route.target = "/x";
    route.prefix = "/hubs/sn_00000001";
    route.hop = "adaos-root";
    route.upstream = "hub";
    return route;
}

net::Peer stranger() {
    net::Peer peer;
    peer.address = "192.0.2.7";
    peer.tls = true;
    return peer;
}

net::RequestHead request(std::initializer_list<net::Field> fields) {
    net::RequestHead head{"GET", "/hubs/sn_00000001/x", {}};
    for (auto const& f : fields) head.fields.add(f.name, f.value);
    return head;
}

std::string value(net::Fields const& fields, std::string_view name) {
    auto const* const found = fields.find(name);
    return found ? *found : "(absent)";
}

}  // namespace

TEST_CASE("hop-by-hop fields and those that Connection lists stay on their hop", "[relay]") {
    auto const out = onward_request(request({{"Host", "root"},
                                             {"Connection", "keep-alive, X-Mine"},
                                             {"Keep-Alive", "300"},
                                             {"X-Mine", "1"},
                                             {"TE", "trailers"},
                                             {"X-Other", "2"}}),
                                    stranger(), edge_route());

    CHECK(value(out.fields, "connection") == "(absent)");
    CHECK(value(out.fields, "keep-alive") == "(absent)");
    CHECK(value(out.fields, "x-mine") == "(absent)");
    CHECK(value(out.fields, "te") == "(absent)");
    CHECK(value(out.fields, "x-other") == "2");
}

TEST_CASE("Connection cannot take a credential away", "[relay]") {
    auto const out = onward_request(request({{"Host", "root"},
                                             {"Connection", "Authorization, Cookie"},
                                             {"Authorization", "Bearer t"},
                                             {"Cookie", "c=1"}}),
                                    stranger(), edge_route());

    CHECK(value(out.fields, "authorization") == "Bearer t");
    CHECK(value(out.fields, "cookie") == "c=1");
}

TEST_CASE("at the edge a caller's word about who it is goes, and ours comes", "[relay]") {
    auto const out = onward_request(request({{"Host", "root.example"},
                                             {"X-AdaOS-Scope", "admin"},
                                             {"X-AdaOS-Token", "t"},
                                             {"X-Forwarded-For", "127.0.0.1"},
                                             {"Forwarded", "for=127.0.0.1"},
                                             {"X-SSL-Client-Verify", "SUCCESS"}}),
                                    stranger(), edge_route());

    CHECK(value(out.fields, "x-adaos-scope") == "(absent)");
    CHECK(value(out.fields, "x-adaos-token") == "t");  // a proof, not a claim: the hub checks it
    CHECK(value(out.fields, "x-ssl-client-verify") == "(absent)");
    CHECK(value(out.fields, "x-forwarded-for") == "192.0.2.7");
    CHECK(value(out.fields, "x-forwarded-proto") == "https");
    CHECK(value(out.fields, "x-forwarded-host") == "root.example");
    CHECK(value(out.fields, "x-forwarded-prefix") == "/hubs/sn_00000001");
    CHECK(value(out.fields, "forwarded") == "for=192.0.2.7;proto=https;host=\"root.example\"");
    CHECK(value(out.fields, "via") == "1.1 adaos-root");
}

TEST_CASE("behind the edge the first hop's word is kept and the prefix grows", "[relay]") {
    auto route = edge_route();
    route.edge = Edge::no;
    route.prefix = "/nodes/pi";
    route.hop = "adaos-hub";
    route.add.add("X-AdaOS-Scope", "view");
    auto const out = onward_request(request({{"Host", "root"},
                                             {"X-Forwarded-For", "192.0.2.7"},
                                             {"X-Forwarded-Prefix", "/hubs/sn_00000001"},
                                             {"X-AdaOS-Scope", "admin"},
                                             {"Via", "1.1 adaos-root"}}),
                                    net::Peer{}, route);

    CHECK(value(out.fields, "x-forwarded-for") == "192.0.2.7");
    CHECK(value(out.fields, "x-forwarded-prefix") == "/hubs/sn_00000001/nodes/pi");
    CHECK(value(out.fields, "x-adaos-scope") == "view");
    CHECK(value(out.fields, "via") == "1.1 adaos-root, 1.1 adaos-hub");
}

TEST_CASE("an upgrade keeps the two fields it needs", "[relay]") {
    auto const in = request({{"Host", "root"},
                             {"Connection", "keep-alive, Upgrade"},
                             {"Upgrade", "websocket"},
                             {"Sec-WebSocket-Key", "k"}});

    auto const out = onward_request(in, stranger(), edge_route());

    CHECK(is_upgrade(in));
    CHECK(value(out.fields, "connection") == "Upgrade");
    CHECK(value(out.fields, "upgrade") == "websocket");
    CHECK(value(out.fields, "sec-websocket-key") == "k");
}

TEST_CASE("an answer cannot speak for adaos", "[relay]") {
    net::ResponseHead in;
    in.fields.add("X-AdaOS-Scope", "admin");
    in.fields.add("Connection", "close");
    in.fields.add("Set-Cookie", "a=1");
    in.fields.add("Set-Cookie", "b=2");

    auto const out = onward_response(in, edge_route());

    CHECK(value(out.fields, "x-adaos-scope") == "(absent)");
    CHECK(value(out.fields, "connection") == "(absent)");
    CHECK(out.fields.all().size() == 3);
    CHECK(out.fields.all()[1].value == "b=2");
}

TEST_CASE("the length that a HEAD's answer declares is passed on", "[relay]") {
    net::ResponseHead head;
    head.fields.add("Content-Length", "12345");

    auto const framing = onward_framing(head, {}, "HEAD");

    CHECK(framing == net::Framing{net::Framing::Kind::length, 12345});
}

TEST_CASE("a request that passed too many of our hops is a loop", "[relay]") {
    auto head = request({{"Via", "1.1 adaos-root, 1.1 adaos-hub, 1.1 adaos-root"}});
    CHECK_FALSE(is_loop(head));

    head.fields.add("Via", "1.1 adaos-hub, 1.1 adaos-root, 1.1 adaos-hub, 1.1 adaos-root");

    CHECK(is_loop(head));
}

TEST_CASE("Proxy-Status names hop and kind of error", "[relay]") {
    CHECK(proxy_status("adaos-root", Error(Problem::hub_offline, "hub of sn_00000001")) ==
          "adaos-root; error=destination_unavailable; details=\"the hub is offline\"");
}

}  // namespace adaos::head_rules_test
