#include "base/utf8.hpp"

#include <catch2/catch.hpp>

namespace adaos::utf8_test {

using adaos::is_utf8;

TEST_CASE("text is UTF-8 when every character is, in its shortest form", "[base][utf8]") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
    auto const* const bad = GENERATE("\xfe", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                     "\xf4\x90\x80\x80", "\x80", "ok\xe2\x82");
    CHECK_FALSE(is_utf8(bad));
}

}  // namespace adaos::utf8_test
