// Who is told to come again is told when.
#include "api/machine_desk.hpp"
#include "api/open_pages.hpp"
#include "base/problem.hpp"
#include "support/http_world.hpp"

namespace adaos::retry_after_test {

using namespace adaos::api;

namespace {

/// Every problem, answered by `answer`.
template <class Answer>
void check_all(Answer const& answer) {
    int waiting = 0;
    for (auto const& info : problems()) {
        CAPTURE(info.id);
        test::Scripted handler(
            [&](net::Exchange& exchange) { return answer(exchange, Error(info.problem, "x")); });
        auto const out = test::serve(handler, {test::get}).out;
        bool const busy = test::holds(out, " 429 ") || test::holds(out, " 503 ");
        CHECK(test::holds(out, "Retry-After: ") == busy);
        CHECK(test::holds(out, "retry_after_seconds") == busy);
        waiting += busy ? 1 : 0;
    }
    CHECK(waiting > 3);
}

}  // namespace

TEST_CASE("every 429 and 503 carries Retry-After, and nothing else does", "[api][errors]") {
    check_all([](net::Exchange& exchange, Error error) {
        return answer_error(exchange, std::move(error));
    });
}

TEST_CASE("so it is at the doors of machines, whatever their words", "[api][errors]") {
    for (auto const door : {enrol::Door::canonical, enrol::Door::code, enrol::Door::node,
                            enrol::Door::host, enrol::Door::bootstrap})
        check_all([door](net::Exchange& exchange, Error error) {
            return answer_at_door(exchange, door, std::move(error));
        });
}

}  // namespace adaos::retry_after_test
