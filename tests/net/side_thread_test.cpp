#include "net/side_thread.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <thread>
#include <vector>

namespace adaos::side_thread_test {

using adaos::net::SideThread;

TEST_CASE("jobs beside the loop run on one other thread, in order", "[net]") {
    SideThread side;
    std::vector<int> order;
    std::promise<std::thread::id> last;

    for (int i = 0; i < 9; ++i) REQUIRE(side.post([&order, i] { order.push_back(i); }));
    REQUIRE(side.post([&last] { last.set_value(std::this_thread::get_id()); }));

    CHECK(last.get_future().get() != std::this_thread::get_id());
    CHECK(order == std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("no more jobs wait beside the loop than the limit", "[net]") {
    std::size_t taken = 0;
    SideThread side;
    std::promise<void> go;
    REQUIRE(side.post([held = go.get_future().share()] { held.wait(); }));
    while (side.post([] {})) ++taken;

    CHECK(taken == SideThread::max_jobs - 1);
    go.set_value();
}

TEST_CASE("jobs that wait beside the loop are finished at the end", "[net]") {
    int finished = 0;
    {
        SideThread side;
        for (int i = 0; i < 9; ++i) REQUIRE(side.post([&finished] { ++finished; }));
    }
    CHECK(finished == 9);
}

}  // namespace adaos::side_thread_test
