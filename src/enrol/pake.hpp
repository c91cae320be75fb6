#pragma once
/// The PAKE join door, both sides: a machine proves that it has a join code, and an authority that
/// it knows that code, over a connection that nobody trusts; then each sends one sealed box.
///
/// Pure: no clock, no socket, no store. What is asked of the shells: the authority charges a try
/// before `take_share`, drops a run after some time, and keeps each in memory only. Messages and
/// keys: docs/protocol/join.md, "The proof".

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "enrol/pake_messages.hpp"
#include "enrol/pake_verifier.hpp"
#include "pki/spake2plus.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace adaos::enrol {

/// Longest text in a box, in bytes.
inline constexpr std::size_t max_boxed_bytes = max_box_bytes - pki::box_tag_bytes;

/// What both sides know at the end of a run. Each key seals one box.
class PakeBoxes {
public:
    PakeBoxes(pki::SecretKey const& shared, PakeSid const& sid, Digest const& opening);
    enum class Direction : unsigned char { to_authority = 1, to_member = 2 };
    [[nodiscard]] Bytes seal(Direction direction, std::string_view plain) const;
    /// Errors: proof_failed.
    [[nodiscard]] Result<std::string> open(Direction direction, Bytes const& box) const;

private:
    [[nodiscard]] pki::SecretKey const& key(Direction direction) const;
    [[nodiscard]] Bytes bound(Direction direction) const;
    pki::SecretKey to_authority_, to_member_;
    PakeSid sid_;
    Digest opening_;
};

/// The machine that joins. Its calls come in the order below, once each; a call out of order is
/// `internal`. After an error the run is over and every call is.
class PakeClient {
public:
    /// `stretch_code`, or what gives the same.
    using Stretch =
        std::function<Result<pki::SpakeSecrets>(Secret const&, PakeSalt const&, pki::ScryptCost)>;
    /// `canonical`: a code as `parse_code` gives it.
    PakeClient(Secret canonical, Random& random, Stretch stretch = stretch_code);

    /// To send as it is: both sides hash its bytes.
    [[nodiscard]] std::string const& params_body() const noexcept { return request_; }
    /// `body`: the answer as it came. Runs scrypt: takes some 0.1 s and 32 to 128 MiB. Errors:
    /// bad_answer, also for a cost that is not fair; internal.
    [[nodiscard]] Result<PakeShare> take_params(std::string_view body);
    /// Seals `order` only for an authority that has proved the code. Errors: proof_failed: the code
    /// is wrong here, or somebody in between has changed something; nothing that was sent helps to
    /// guess it. bad_answer; invalid_field when `order` is longer than `max_boxed_bytes`.
    [[nodiscard]] Result<PakeFinish> take_share(PakeShareAnswer const& answer,
                                                std::string_view order);
    /// Instead of a finish after `take_share` has failed: no proof, so that the authority counts
    /// the guess now and not when the run's time is over. Tells nothing of the code.
    [[nodiscard]] PakeFinish give_up() const;
    /// What is in the authority's box. Errors: proof_failed.
    [[nodiscard]] Result<std::string> take_finish(PakeFinishAnswer const& answer);

    /// Whom the code was proved to; empty before `take_share` succeeded.
    [[nodiscard]] std::string authority_id() const;

private:
    enum class State { asked, shared, proved, over };
    State state_ = State::asked;
    Secret code_;
    Stretch stretch_;
    pki::SpakeScalar x_;
    std::string request_, authority_id_;
    PakeSid sid_{};
    Digest opening_{};
    std::optional<pki::SpakeProver> prover_;
    std::optional<PakeBoxes> boxes_;
};

/// One run at the authority. Its calls come in the order below, once each; a call out of order is
/// `bad_request`, does nothing and tells nothing. After another error the run is over.
class PakeServer {
public:
    /// `request_body`: as it came, parsed before (its slot chose `verifier`:
    /// PakeVerifier::of_slot).
    PakeServer(std::string_view request_body, std::string authority_id, PakeVerifier verifier,
               Random& random);

    [[nodiscard]] PakeSid const& sid() const noexcept { return sid_; }
    /// To send as it is.
    [[nodiscard]] std::string const& params_body() const noexcept { return answer_; }
    /// One guess for the other side, right or wrong: charge it first. Errors: bad_request (another
    /// run's), invalid_field.
    [[nodiscard]] Result<PakeShareAnswer> take_share(PakeShare const& message);
    /// The machine's order, from one who has the code. Errors: bad_request; proof_failed, always
    /// with a fake verifier.
    [[nodiscard]] Result<std::string> take_finish(PakeFinish const& message);
    /// `plain`: what became of the order. Errors: bad_request; internal when it is longer than
    /// `max_boxed_bytes`.
    [[nodiscard]] Result<PakeFinishAnswer> seal_answer(std::string_view plain);

private:
    enum class State { asked, shared, proved, over };
    State state_ = State::asked;
    std::string authority_id_, answer_;
    PakeVerifier verifier_;
    pki::SpakeScalar y_;
    PakeSid sid_{};
    Digest opening_{};
    std::optional<pki::SpakeVerifier> spake_;
    std::optional<PakeBoxes> boxes_;
};

}  // namespace adaos::enrol
