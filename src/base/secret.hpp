#pragma once
/// A string that cannot be printed by accident: no formatter, no stream operator, wiped at the end.

#include <openssl/crypto.h>

#include <string>
#include <utility>

namespace adaos {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) { wipe(value); }
    Secret(Secret const&) = default;
    Secret& operator=(Secret const& other) {
        if (this != &other) *this = Secret(other);
        return *this;
    }
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = std::move(other.value_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    /// The value itself. Grep for this word to see every place where a secret is used.
    [[nodiscard]] std::string const& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

private:
    void wipe() noexcept { wipe(value_); }
    /// All of its memory: a short string that was moved from is empty but still has its characters.
    static void wipe(std::string& text) noexcept {
        text.resize(text.capacity());
        OPENSSL_cleanse(text.data(), text.size());
        text.clear();
    }
    std::string value_;
};

}  // namespace adaos
