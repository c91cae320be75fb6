#pragma once
/// What this machine is, by its own kernel.

#include <string>
#include <string_view>

namespace adaos::identity {

/// `amd64` or `arm64` for the kernel's own word ("x86_64", "aarch64", …); empty for others.
[[nodiscard]] std::string architecture_word(std::string_view kernel_word);
/// Of this machine; by uname(2).
[[nodiscard]] std::string machine_architecture();

}  // namespace adaos::identity
