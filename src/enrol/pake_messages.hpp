#pragma once
/// The six bodies of the PAKE join door, and their JSON (pake_json.cpp). Pure.
/// Formats: docs/protocol/join.md, "The proof".

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "enrol/pake_verifier.hpp"
#include "pki/aead.hpp"

#include <array>
#include <string>
#include <string_view>

namespace adaos::enrol {

using PakeSid = std::array<std::byte, 16>;
using PakeNonce = std::array<std::byte, 32>;
inline constexpr std::string_view pake_suite = "P256-SHA256-HKDF-SHA256-HMAC-SHA256";

/// Largest box, its tag included; and a body that holds one.
inline constexpr std::size_t max_box_bytes = 32 * 1024;
inline constexpr std::size_t max_pake_body_bytes = 48 * 1024;
inline constexpr std::size_t max_authority_id_bytes = 128;

struct PakeParamsRequest {
    std::string slot;
    PakeNonce nonce{};  ///< nM
};
/// Says nothing about the slot: no subnet, no time.
struct PakeParamsAnswer {
    PakeSid sid{};
    PakeNonce nonce{};  ///< nH
    std::string authority_id;
    PakeSalt salt{};
    pki::ScryptCost cost;
};
struct PakeShare {
    PakeSid sid{};
    pki::SpakePoint share_p{};
};
struct PakeShareAnswer {
    pki::SpakePoint share_v{};
    Digest confirm_v{};
};
struct PakeFinish {
    PakeSid sid{};
    Digest confirm_p{};
    Bytes box;
};
struct PakeFinishAnswer {
    Bytes box;
};

[[nodiscard]] std::string write_json(PakeParamsRequest const& message);
[[nodiscard]] std::string write_json(PakeParamsAnswer const& message);
[[nodiscard]] std::string write_json(PakeShare const& message);
[[nodiscard]] std::string write_json(PakeShareAnswer const& message);
[[nodiscard]] std::string write_json(PakeFinish const& message);
[[nodiscard]] std::string write_json(PakeFinishAnswer const& message);

// Requests. Errors: bad_request, body_too_large, invalid_field with the member's name. Members that
// are not known are not looked at.
[[nodiscard]] Result<PakeParamsRequest> parse_params_request(std::string_view body);
[[nodiscard]] Result<PakeShare> parse_share(std::string_view body);
[[nodiscard]] Result<PakeFinish> parse_finish(std::string_view body);

// Answers. Errors: bad_answer with the member's name.
[[nodiscard]] Result<PakeParamsAnswer> parse_params_answer(std::string_view body);
[[nodiscard]] Result<PakeShareAnswer> parse_share_answer(std::string_view body);
[[nodiscard]] Result<PakeFinishAnswer> parse_finish_answer(std::string_view body);

}  // namespace adaos::enrol
