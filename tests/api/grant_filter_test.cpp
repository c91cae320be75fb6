// What a query of the grants' routes may say.
#include "api/grant_book.hpp"
#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::grant_filter_test {

using namespace adaos::api;

TEST_CASE("a list of grants takes every kind and every state there is", "[api][grants]") {
    for (auto const* const kind : {"member", "node", "host", "bootstrap", "hub"})
        CHECK(parse_grant_filter(std::string("kind=") + kind, grant_names).value().kind);
    for (auto const state : enrol::grant_states) {
        auto const filter = parse_grant_filter("state=" + std::string(state), grant_names).value();
        CHECK(filter.state == state);
        CHECK(filter.with_dead == (state != "live"));
    }
    for (auto const* const yes : {"include_expired", "include_expired=true", "include_expired=1"})
        CHECK(parse_grant_filter(yes, grant_names).value().with_dead);
    for (auto const* const no : {"", "include_expired=false", "include_expired=0"})
        CHECK_FALSE(parse_grant_filter(no, grant_names).value().with_dead);
}

TEST_CASE("a filter that no grant could match is refused with the words that could",
          "[api][grants]") {
    struct Case {
        char const *query, *said;
    };
    auto const c =
        GENERATE(Case{"state=foo", "state: live, exhausted, expired, revoked or superseded"},
                 Case{"state=Live", "state: live, exhausted, expired, revoked or superseded"},
                 Case{"kind=foo", "kind: member, node, host, bootstrap or hub"},
                 Case{"kind=", "kind: member, node, host, bootstrap or hub"},
                 Case{"subnet_id=home", "subnet_id: sn_ and 8 hex digits"},
                 Case{"include_expired=yes", "include_expired: true or false"},
                 Case{"limit=0", "limit: 1 to 200"}, Case{"cursor=zz", "cursor: not one of ours"},
                 Case{"stat=live", "query: stat"}, Case{"=live", "query: "},
                 Case{"limit=1&limit=2", "query: limit is there twice"});
    CAPTURE(c.query);

    auto const filter = parse_grant_filter(c.query, grant_names);

    REQUIRE(filter.has_error());
    CHECK(filter.error().code == Problem::invalid_field);
    CHECK(filter.error().context == c.said);
}

}  // namespace adaos::grant_filter_test
