#include "base/bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

namespace adaos {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

unsigned char const* raw(std::span<std::byte const> bytes) {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

}  // namespace

std::string to_hex(std::span<std::byte const> bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (auto const b : bytes) {
        out += digits[static_cast<std::size_t>(b) >> 4];
        out += digits[static_cast<std::size_t>(b) & 15];
    }
    return out;
}

std::optional<Bytes> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    Bytes out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        auto const high = hex_value(hex[i]);
        auto const low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return out;
}

std::string to_base64(std::span<std::byte const> bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    auto const n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(bytes),
                                   static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
    // EVP_DecodeBlock trims white space and does not look at unused bits: encoding again tells.
    if (text.size() % 4 != 0 || text.size() > INT_MAX) return std::nullopt;
    Bytes out(text.size() / 4 * 3);
    if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(as_bytes(text)),
                        static_cast<int>(text.size())) < 0)
        return std::nullopt;
    // At most two, and only where bytes are: an empty text has no padding.
    for (auto rest = text; rest.ends_with('=') && text.size() - rest.size() < 2;
         rest.remove_suffix(1))
        out.pop_back();
    if (to_base64(out) != text) return std::nullopt;
    return out;
}

std::string to_base64url(std::span<std::byte const> bytes) {
    auto out = to_base64(bytes);
    std::replace(out.begin(), out.end(), '+', '-');
    std::replace(out.begin(), out.end(), '/', '_');
    out.erase(std::find(out.begin(), out.end(), '='), out.end());
    return out;
}

Digest sha256(std::span<std::byte const> bytes) {
    Digest out{};
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                   nullptr, EVP_sha256(), nullptr) != 1)
        std::abort();  // all zeros would pass for a digest
    return out;
}

Digest hmac_sha256(std::span<std::byte const> key, std::span<std::byte const> bytes) {
    Digest out{};
    // OpenSSL takes a null key for "no key given" and fails.
    static constexpr unsigned char none = 0;
    if (HMAC(EVP_sha256(), key.empty() ? &none : raw(key), static_cast<int>(key.size()), raw(bytes),
             bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == nullptr)
        std::abort();
    return out;
}

bool equal_constant_time(std::span<std::byte const> a, std::span<std::byte const> b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace adaos
