#include "api/caller.hpp"

#include <catch2/catch.hpp>

namespace adaos::caller_test {

using namespace adaos::api;

namespace {

net::Peer local_socket() {
    net::Peer peer;
    peer.address = "127.0.0.1";
    peer.loopback = true;
    return peer;
}

net::RequestHead with(std::string name, std::string value) {
    net::RequestHead head{"GET", "/api/node/status", {}};
    head.fields.add(std::move(name), std::move(value));
    return head;
}

Secret const token("local-control-token");

}  // namespace

TEST_CASE("the control token is admin on the machine's own loopback", "[api]") {
    CHECK(local_scope(local_socket(), with("X-AdaOS-Token", token.reveal()), token) ==
          enrol::Scope::admin);
    CHECK(local_scope(local_socket(), with("Authorization", "bearer " + token.reveal()), token) ==
          enrol::Scope::admin);
}

TEST_CASE("the control token counts nowhere else", "[api]") {
    auto const head = with("X-AdaOS-Token", token.reveal());
    net::Peer link;
    link.via = net::Peer::Via::link;
    auto elsewhere = local_socket();
    elsewhere.loopback = false;
    auto relayed = head;
    relayed.fields.add("X-Forwarded-For", "192.0.2.1");

    CHECK_FALSE(local_scope(link, head, token));
    CHECK_FALSE(local_scope(elsewhere, head, token));
    CHECK_FALSE(local_scope(local_socket(), relayed, token));
    CHECK_FALSE(local_scope(local_socket(), with("X-AdaOS-Token", "wrong"), token));
    CHECK_FALSE(local_scope(local_socket(), with("X-Other", ""), Secret()));
}

TEST_CASE("a token in the query is not looked at", "[api]") {
    net::RequestHead const head{"GET", "/api/node/status?token=local-control-token", {}};

    CHECK(presented_token(head).empty());
}

TEST_CASE("reading needs view, everything else to be a developer", "[api]") {
    for (auto const* const method : {"GET", "HEAD", "OPTIONS"})
        CHECK(needed_for({method, "/", {}}) == enrol::Scope::view);
    for (auto const* const method : {"POST", "PUT", "PATCH", "DELETE", "BREW"})
        CHECK(needed_for({method, "/", {}}) == enrol::Scope::developer);
    CHECK(needed_for(with("Upgrade", "websocket")) == enrol::Scope::developer);
}

}  // namespace adaos::caller_test
