#include "identity/machine.hpp"

#include <sys/utsname.h>

namespace adaos::identity {

std::string architecture_word(std::string_view kernel_word) {
    if (kernel_word == "x86_64" || kernel_word == "amd64") return "amd64";
    if (kernel_word == "aarch64" || kernel_word == "arm64") return "arm64";
    return {};
}

std::string machine_architecture() {
    utsname machine{};
    if (::uname(&machine) != 0) return {};
    return architecture_word(machine.machine);
}

}  // namespace adaos::identity
