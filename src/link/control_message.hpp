#pragma once
/// The messages of the control stream as values, and as JSON. Each travels behind its length, four
/// bytes, big-endian. docs/protocol/link.md

#include "base/error.hpp"
#include "link/hello.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace adaos::link {

/// Largest message, its JSON without the length. A larger one ends the link.
inline constexpr std::size_t max_control_bytes = 64 * 1024;
/// Largest `params`, `result` and `status`, as JSON.
inline constexpr std::size_t max_payload_bytes = 60 * 1024;
/// Longest text in a hello, an ack or a bye, and longest method name, in bytes.
inline constexpr std::size_t max_control_text_bytes = 256;
/// Version of the protocol that we speak.
inline constexpr int link_version = 1;

struct Ping {
    std::uint64_t n = 0;
    [[nodiscard]] bool operator==(Ping const&) const = default;
};
struct Pong {
    std::uint64_t n = 0;
    [[nodiscard]] bool operator==(Pong const&) const = default;
};
struct NodeStatus {
    std::string json;  ///< an object
    [[nodiscard]] bool operator==(NodeStatus const&) const = default;
};
struct Call {
    std::uint64_t id = 0;  ///< each side counts its own calls
    std::string method;
    std::string params;  ///< JSON
    [[nodiscard]] bool operator==(Call const&) const = default;
};
struct CallResult {
    std::uint64_t id = 0;
    bool ok = false;
    std::string result;  ///< JSON, when ok
    std::string error;   ///< else a problem id: "ADAOS-R006"
    std::string detail;  ///< and what it is about
    [[nodiscard]] bool operator==(CallResult const&) const = default;
};
struct Bye {
    std::string code;  ///< of an Ending
    std::string detail;
    [[nodiscard]] bool operator==(Bye const&) const = default;
};
/// Of a later version: to be ignored.
struct UnknownMessage {
    [[nodiscard]] bool operator==(UnknownMessage const&) const = default;
};

using ControlMessage =
    std::variant<Hello, HelloAck, Ping, Pong, NodeStatus, Call, CallResult, Bye, UnknownMessage>;

/// The message with its length in front. Errors: Problem::bad_request when a JSON text in it is
/// none, Problem::body_too_large above a limit.
[[nodiscard]] Result<std::string> encode(ControlMessage const& message);
/// From JSON without the length. Errors: Problem::bad_request.
[[nodiscard]] Result<ControlMessage> decode(std::string_view json);

/// An error as it travels, and back. An id we do not know becomes Problem::bad_answer.
[[nodiscard]] CallResult to_wire(std::uint64_t id, Result<std::string> const& outcome);
[[nodiscard]] Result<std::string> from_wire(CallResult const& message);

}  // namespace adaos::link
