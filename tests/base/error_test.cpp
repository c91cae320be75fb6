#include "base/error.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

namespace adaos::error_test {

TEST_CASE("an error reads as where, then what", "[base][error]") {
    CHECK(Error(Problem::code_expired, "redeem").message() == "redeem: the join code has expired");
    CHECK(Error(Problem::code_expired).message() == "the join code has expired");
}

TEST_CASE("context is put in front, innermost last", "[base][error]") {
    auto const error = with_context(with_context(Error(Problem::code_used), "redeem"), "join");

    CHECK(error.context == "join: redeem");
    CHECK(error.code == Problem::code_used);
}

TEST_CASE("a default error means success", "[base][error]") {
    CHECK_FALSE(Error().code.failed());
    CHECK_FALSE(Result<int>(1).error().code.failed());
}

TEST_CASE("asking an error for its value is a bug that names the error", "[base][error]") {
    Result<int> const result = Error(Problem::disk_full, "write");

    CHECK_THROWS_AS(result.value(), std::logic_error);
    CHECK_THROWS_WITH(result.value(), "value() of an error: write: the disk is full");
}

}  // namespace adaos::error_test
