#include "enrol/refusals.hpp"

#include "enrol/world.hpp"

#include <numeric>

namespace adaos::refusals_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

constexpr char const* join = "/v1/subnets/join";
WallTime const noon = from_millis(1'767'225'600'000);

std::vector<std::string> said(std::vector<AuditRow> const& rows) {
    std::vector<std::string> out;
    for (auto const& row : rows) out.push_back(row.event + " " + row.actor + " " + row.detail);
    return out;
}

std::int64_t counted(AuditRow const& row) {
    return std::stoll(row.detail.substr(row.detail.rfind('=') + 1));
}

}  // namespace

TEST_CASE("the first refusal of a kind is a row at once, those after it are one row at the end",
          "[enrol][refusals]") {
    Refusals refusals;
    Refusal const one{"192.0.2.1", join, "code-throttled"};

    CHECK(said(refusals.count(one, noon)) ==
          std::vector<std::string>{
              "refused 192.0.2.1 reason=code-throttled door=/v1/subnets/join count=1"});
    std::size_t rows = 0;
    for (int i = 0; i < 1'000'000; ++i) rows += refusals.count(one, noon).size();
    CHECK(rows == 0);
    auto const sums = refusals.end(noon + refusal_window);
    CHECK(said(sums) ==
          std::vector<std::string>{
              "refused 192.0.2.1 reason=code-throttled door=/v1/subnets/join count=1000000"});
    CHECK(sums.at(0).at == noon + refusal_window);
}

TEST_CASE("another source, door or reason is another kind", "[enrol][refusals]") {
    Refusals refusals;
    (void)refusals.count({"192.0.2.1", join, "code-throttled"}, noon);

    CHECK(refusals.count({"192.0.2.2", join, "code-throttled"}, noon).size() == 1);
    CHECK(refusals.count({"192.0.2.1", "/v1/enrol", "code-throttled"}, noon).size() == 1);
    CHECK(refusals.count({"192.0.2.1", join, "bad-request"}, noon).size() == 1);
    CHECK(refusals.end(noon).empty());
}

TEST_CASE("a window leaves nothing to the next", "[enrol][refusals]") {
    Refusals refusals;
    Refusal const one{"192.0.2.1", join, "bad-request"};
    (void)refusals.count(one, noon);
    (void)refusals.count(one, noon);
    REQUIRE(refusals.end(noon).size() == 1);

    CHECK(refusals.end(noon).empty());
    CHECK(refusals.count(one, noon).size() == 1);
    CHECK(refusals.end(noon).empty());
}

TEST_CASE("a crowd of sources makes a bounded number of rows, and none of it is left out",
          "[enrol][refusals]") {
    Refusals refusals;
    std::vector<AuditRow> rows;
    constexpr int crowd = 10'000;
    for (int i = 0; i < crowd; ++i) {
        auto const source = "2001:db8:0:" + std::to_string(i / 2) + "::/64";
        auto const now =
            refusals.count({source, join, i % 2 ? "bad-request" : "csr-refused"}, noon);
        rows.insert(rows.end(), now.begin(), now.end());
    }
    CHECK(rows.size() == max_refusal_kinds);
    auto const sums = refusals.end(noon);
    rows.insert(rows.end(), sums.begin(), sums.end());

    CHECK(rows.size() == max_refusal_kinds + 2);
    CHECK(said(sums) ==
          std::vector<std::string>{"refused others reason=bad-request door=others count=4992",
                                   "refused others reason=csr-refused door=others count=4992"});
    auto const sum = [](std::int64_t total, AuditRow const& row) { return total + counted(row); };
    CHECK(std::accumulate(rows.begin(), rows.end(), std::int64_t{0}, sum) == crowd);
}

TEST_CASE("an order of the wrong form is told to whoever counts such orders, and is no row then",
          "[enrol][refusals]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const rows = world.number("SELECT count(*) FROM audit");
    std::vector<boost::system::error_code> told;
    auto const attempt = [&](std::function<void(RedeemOrder&)> const& change) {
        auto order = World::order(minted.secret, machine);
        order.source = "192.0.2.1";
        order.unjudged = [&](Error const& why) { told.push_back(why.code); };
        change(order);
        return world.redeem(order);
    };
    CHECK(attempt([](auto& order) { order.csr_pem = "no request"; }).has_error());
    CHECK(attempt([](auto& order) { order.node_id = "me"; }).has_error());
    CHECK(attempt([](auto& order) { order.secret = Secret("0O1I"); }).has_error());
    CHECK(attempt([](auto& order) { order.secret = Secret(" "); }).has_error());

    CHECK(told ==
          std::vector<boost::system::error_code>{Problem::csr_refused, Problem::invalid_field,
                                                 Problem::code_malformed, Problem::code_blank});
    CHECK(world.number("SELECT count(*) FROM audit") == rows);
}

TEST_CASE("who is throttled is told to whoever counts such, and who is judged is not",
          "[enrol][refusals][throttle]") {
    World world;
    Machine const machine(world.random);
    int told = 0;
    int judged = 0;
    for (int i = 0; i < 20; ++i) {
        auto order = World::order(Secret("ABCDEFGH"), machine);
        order.source = "192.0.2.1";
        order.unjudged = [&](Error const&) { ++told; };
        auto const done = world.redeem(order);
        REQUIRE(done.has_error());
        if (done.error().code != Problem::code_throttled) ++judged;
    }
    CHECK(judged == 5);
    CHECK(told == 15);
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'rejected'") == 5);
}

}  // namespace adaos::refusals_test
