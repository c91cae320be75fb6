#pragma once
/// The system calls that touch a file or a socket, and how each names what it touches.

#include <cstdint>

namespace adaos::crash {

enum class Names {
    descriptor,         ///< the first argument
    path,               ///< the first argument
    path_after_folder,  ///< the second argument; the first is the folder it may start at
    nothing,
};

struct Call {
    long number;
    char const* name;
    Names names;
};

/// Whether it opens, writes, renames or makes a file, or makes it last: what a disk that is full or
/// broken refuses.
[[nodiscard]] bool is_of_a_disk(Call const& call) noexcept;

/// Null for every other call: waiting, memory, threads, clocks.
[[nodiscard]] Call const* find_call(std::uint64_t number) noexcept;

}  // namespace adaos::crash
