#include "base/problem.hpp"

#include <boost/system/errc.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <set>

namespace adaos::problem_test {

namespace {

bool is_slug(std::string_view text) {
    return !text.empty() && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

bool is_id(std::string_view id) {
    return id.size() == 10 && id.starts_with("ADAOS-") && id[6] >= 'A' && id[6] <= 'Z' &&
           std::all_of(id.begin() + 7, id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

TEST_CASE("every problem has its row, in the order of the enum", "[base][problem]") {
    int value = 0;

    for (auto const& info : problems()) CHECK(static_cast<int>(info.problem) == ++value);

    CHECK(value == static_cast<int>(Problem::internal));
}

TEST_CASE("ids and slugs are well formed and unique", "[base][problem]") {
    std::set<std::string_view> ids;
    std::set<std::string_view> slugs;

    for (auto const& info : problems()) {
        CAPTURE(info.id);
        CHECK(is_id(info.id));
        CHECK(is_slug(info.slug));
        CHECK(ids.insert(info.id).second);
        CHECK(slugs.insert(info.slug).second);
    }
}

TEST_CASE("ids of one letter count up from 001", "[base][problem]") {
    std::string before;

    for (auto const& info : problems()) {
        CAPTURE(info.id);
        auto const number = std::stoi(std::string(info.id.substr(7)));
        bool const same_letter = before.size() == 10 && before[6] == info.id[6];
        CHECK(number == (same_letter ? std::stoi(before.substr(7)) + 1 : 1));
        before = info.id;
    }
}

TEST_CASE("every problem says what happened and what to do now", "[base][problem]") {
    for (auto const& info : problems()) {
        CAPTURE(info.id);
        REQUIRE_FALSE(info.title.empty());
        REQUIRE_FALSE(info.next.empty());
        CHECK(info.title.back() != '.');
        CHECK(info.next.back() != '.');
        // A sentence begins in lower case, unless with a name.
        CHECK((std::islower(static_cast<unsigned char>(info.title.front())) != 0 ||
               info.title.starts_with("Root")));
        CHECK(std::isupper(static_cast<unsigned char>(info.next.front())) != 0);
        CHECK(info.http_status >= 400);
        CHECK(info.http_status <= 599);
        CHECK(info.exit_code >= 1);
        CHECK(info.exit_code <= 125);
    }
}

TEST_CASE("a problem's error code has its title for a message and its row behind it",
          "[base][problem]") {
    for (auto const& info : problems()) {
        auto const code = make_error_code(info.problem);
        CHECK(code.failed());
        CHECK(code.message() == info.title);
        CHECK(&describe(code) == &info);
    }
}

TEST_CASE("a row is found by its public id", "[base][problem]") {
    for (auto const& info : problems()) CHECK(find_problem(info.id) == &info);
    for (auto const* const id : {"", "ADAOS-J000", "adaos-j001", "ADAOS-J0011"})
        CHECK(find_problem(id) == nullptr);
}

TEST_CASE("system errors that a user can meet have rows of their own", "[base][problem]") {
    namespace errc = boost::system::errc;
    auto const row = [](errc::errc_t e) { return describe(errc::make_error_code(e)).problem; };

    CHECK(row(errc::connection_refused) == Problem::unreachable);
    CHECK(row(errc::network_unreachable) == Problem::unreachable);
    CHECK(row(errc::host_unreachable) == Problem::unreachable);
    CHECK(row(errc::timed_out) == Problem::timed_out);
    CHECK(row(errc::no_space_on_device) == Problem::disk_full);
    CHECK(row(errc::permission_denied) == Problem::permission);
    CHECK(row(errc::operation_not_permitted) == Problem::permission);
    CHECK(row(errc::address_in_use) == Problem::port_in_use);
    CHECK(row(errc::invalid_argument) == Problem::internal);
}

TEST_CASE("a code that no row has is an internal failure", "[base][problem]") {
    auto const& category = make_error_code(Problem::internal).category();
    auto const value = GENERATE(-1, 0, static_cast<int>(Problem::internal) + 1, 100'000);
    boost::system::error_code const code(value, category);

    CHECK(describe(code).problem == Problem::internal);
    CHECK(code.message() == "unknown problem");
}

}  // namespace adaos::problem_test
