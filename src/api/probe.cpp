#include "api/probe.hpp"

#include "api/open_pages.hpp"
#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <memory>
#include <optional>
#include <vector>

namespace adaos::api {
namespace {

constexpr std::size_t period = 251;
constexpr std::size_t block = period * 256;  // a whole number of periods: every block is the same

std::optional<std::uint64_t> wanted_bytes(std::string_view query) {
    constexpr std::string_view key = "bytes=";
    if (!query.starts_with(key)) return std::nullopt;
    auto const text = query.substr(key.size());
    std::uint64_t n = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failed != std::errc() || end != text.data() + text.size() || n > max_probe_bytes)
        return std::nullopt;
    return n;
}

using HashPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

}  // namespace

net::Task<void> probe_download(net::Exchange& exchange) {
    auto const wanted = wanted_bytes(exchange.request().query());
    if (!wanted) {
        Error error(Problem::invalid_field, "bytes: a number up to 68719476736");
        co_await answer_error(exchange, std::move(error));
        co_return;
    }
    net::ResponseHead head;
    head.fields.add("Content-Type", "application/octet-stream");
    head.fields.add("Cache-Control", "no-store");
    net::Framing const framing{net::Framing::Kind::length, *wanted};
    auto const began = co_await exchange.respond(std::move(head), framing);
    if (!began || exchange.request().method == "HEAD") co_return;
    std::vector<std::byte> pattern(block);
    for (std::size_t i = 0; i < block; ++i) pattern[i] = static_cast<std::byte>(i % period);
    for (auto left = *wanted; left > 0;) {
        auto const n = std::min<std::uint64_t>(left, block);
        auto const sent = co_await exchange.write(std::span(pattern).first(n));
        if (!sent) co_return;
        left -= n;
    }
    (void)co_await exchange.finish(net::Fields());
}

net::Task<void> probe_upload(net::Exchange& exchange) {
    HashPtr const hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
    std::vector<std::byte> buffer(64 * 1024);
    std::uint64_t total = 0;
    for (;;) {
        auto const got = co_await exchange.body().read_some(buffer);
        if (!got) {
            exchange.abort();
            co_return;
        }
        if (*got == 0) break;
        EVP_DigestUpdate(hash.get(), buffer.data(), *got);
        total += *got;
    }
    Digest digest{};
    EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    auto json = "{\"bytes\":" + std::to_string(total) + ",\"sha256\":\"" + to_hex(digest) + "\"}\n";
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

}  // namespace adaos::api
