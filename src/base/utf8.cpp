#include "base/utf8.hpp"

namespace adaos {

std::size_t utf8_size(std::string_view text) noexcept {
    auto const at = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    auto const first = at(0);
    std::size_t size = 0;
    unsigned low = 0x80;  // what the second byte may be
    unsigned high = 0xbf;
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) size = 2;
    if (first >= 0xe0 && first <= 0xef) size = 3;
    if (first >= 0xf0 && first <= 0xf4) size = 4;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    if (size == 0 || at(1) < low || at(1) > high) return 0;
    for (std::size_t i = 2; i < size; ++i)
        if (at(i) < 0x80 || at(i) > 0xbf) return 0;
    return size;
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        auto const size = utf8_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace adaos
