#include "base/names.hpp"

#include <algorithm>

namespace adaos {
namespace {

bool is_lower_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool is_name_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

}  // namespace

bool is_subnet_id(std::string_view text) noexcept {
    return text.size() == 11 && text.starts_with("sn_") &&
           std::all_of(text.begin() + 3, text.end(), is_lower_hex);
}

bool is_node_id(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
    }
    return true;
}

bool is_node_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= max_node_name_bytes && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), is_name_char);
}

bool is_node_label(std::string_view text) noexcept {
    return is_node_name(text) && text.back() != '-' && text.find('_') == std::string_view::npos;
}

bool is_zone(std::string_view text) noexcept {
    return text.size() == 2 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace adaos
