#include "base/bytes.hpp"

#include "base/names.hpp"
#include "base/secret.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace adaos::bytes_test {

TEST_CASE("hex goes out in lower case and comes in in either", "[base][bytes]") {
    Bytes const raw{std::byte{0x00}, std::byte{0x7f}, std::byte{0xff}, std::byte{0xa5}};

    CHECK(to_hex(raw) == "007fffa5");
    CHECK(from_hex("007fffa5") == raw);
    CHECK(from_hex("007FFFA5") == raw);
    CHECK(to_hex({}).empty());
    CHECK(from_hex("") == Bytes{});
    for (auto const* const bad : {"0", "0g", "g0", "0x", " 0", "00 ", "/0", ":0", "@0", "`0", "G0"})
        CHECK_FALSE(from_hex(bad));
}

TEST_CASE("base64 has the vectors of RFC 4648", "[base][bytes]") {
    CHECK(to_base64(as_bytes("")).empty());
    CHECK(to_base64(as_bytes("f")) == "Zg==");
    CHECK(to_base64(as_bytes("fo")) == "Zm8=");
    CHECK(to_base64(as_bytes("foo")) == "Zm9v");
    CHECK(to_base64(as_bytes("foobar")) == "Zm9vYmFy");
    CHECK(to_base64(as_bytes("\xfb\xff\xfe")) == "+//+");
    CHECK(to_base64url(as_bytes("\xfb\xff\xfe")) == "-__-");
    CHECK(to_base64url(as_bytes("f")) == "Zg");
    CHECK(to_base64url(as_bytes("")).empty());
}

TEST_CASE("base64 comes in in the one way it goes out", "[base][bytes]") {
    for (std::string_view const text : {"", "f", "fo", "foo", "foobar", "\xfb\xff\xfe"}) {
        auto const bytes = from_base64(to_base64(as_bytes(text)));
        REQUIRE(bytes);
        CHECK(as_text(*bytes) == text);
    }
    for (auto const* const bad :
         {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Z===", "Z=g=", " Zg==", "Zg==\n",
          "Zm9v Zm9v", "Zm9-", "Zm9_", "Zg==Zg==", "Zg==    ", "    "})
        CHECK_FALSE(from_base64(bad));
}

TEST_CASE("SHA-256 has the vectors of FIPS 180", "[base][bytes]") {
    CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256(as_bytes("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("HMAC-SHA-256 has the vectors of RFC 4231, and takes an empty key", "[base][bytes]") {
    CHECK(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(hmac_sha256({}, {})) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("bytes are equal when all of them are", "[base][bytes]") {
    CHECK(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
    CHECK(equal_constant_time({}, {}));
    CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
    CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("xbc")));
    CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST_CASE("case and blanks are those of ASCII", "[base][bytes]") {
    CHECK(to_lower("AZ[@\xc3\x84") == "az[@\xc3\x84");
    CHECK(equal_ignoring_case("Content-Length", "content-LENGTH"));
    CHECK_FALSE(equal_ignoring_case("a", "ab"));
    CHECK_FALSE(equal_ignoring_case("@", "`"));
    CHECK(trim(" \t\r\na b\n ") == "a b");
    CHECK(trim(" \t").empty());
    CHECK(trim("").empty());
}

TEST_CASE("a subnet id is sn_ and eight lower-case hex digits", "[base][names]") {
    CHECK(is_subnet_id("sn_0123abcf"));
    for (auto const* const bad : {"", "sn_", "sn_0123abc", "sn_0123abcde", "sn_0123abcg",
                                  "sn_0123ABCF", "SN_0123abcf", "sn-0123abcf", " sn_0123abc"})
        CHECK_FALSE(is_subnet_id(bad));
    CHECK_FALSE(is_subnet_id(std::string_view("sn_0123abc\0", 11)));
}

TEST_CASE("a node id is a lower-case UUID", "[base][names]") {
    CHECK(is_node_id("01234567-89ab-4cde-8f01-23456789abcd"));
    for (auto const* const bad :
         {"", "0123456789ab4cde8f0123456789abcd", "01234567-89AB-4cde-8f01-23456789abcd",
          "01234567-89ab-4cde-8f01-23456789abc", "01234567-89ab-4cde-8f01-23456789abcde",
          "0123456-789ab-4cde-8f01-23456789abcd", "01234567-89ab-4cde-8f01-23456789abc/"})
        CHECK_FALSE(is_node_id(bad));
}

TEST_CASE("a node name is safe in paths, subjects and shells", "[base][names]") {
    CHECK(is_node_name("a"));
    CHECK(is_node_name("_"));
    CHECK(is_node_name("kitchen-pi_2"));
    CHECK(is_node_name(std::string(63, 'a')));
    CHECK_FALSE(is_node_name(std::string(64, 'a')));
    for (auto const* const bad :
         {"", "-a", "A", "a b", "a.b", "..", "a/b", "a$", "\xc3\xa4", "a\n"})
        CHECK_FALSE(is_node_name(bad));
}

TEST_CASE("a zone is two lower-case letters", "[base][names]") {
    CHECK(is_zone("ru"));
    for (auto const* const bad : {"", "r", "rus", "RU", "r1", "r/"}) CHECK_FALSE(is_zone(bad));
}

TEST_CASE("a secret is revealed only on request and moves away whole", "[base][secret]") {
    Secret first("join-code");
    Secret const copy = first;
    Secret const moved = std::move(first);

    CHECK(copy.reveal() == "join-code");
    CHECK(moved.reveal() == "join-code");
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): a Secret promises this
}

TEST_CASE("assigning a secret replaces it, itself included", "[base][secret]") {
    Secret a("a");
    Secret const b(std::string(100, 'b'));

    a = b;
    CHECK(a.reveal() == b.reveal());
    auto& same = a;
    a = same;
    CHECK(a.reveal() == b.reveal());
    a = Secret("c");
    CHECK(a.reveal() == "c");
}

TEST_CASE("a short secret leaves nothing in the object it was moved from", "[base][secret]") {
    // A string this short lives inside the object itself.
    Secret first("ABCD-EFGH");

    Secret const second = std::move(first);

    std::string_view const memory(reinterpret_cast<char const*>(&first), sizeof first);
    CHECK(memory.find("BCD-EFGH") == std::string_view::npos);
    CHECK(second.reveal() == "ABCD-EFGH");
}

}  // namespace adaos::bytes_test
