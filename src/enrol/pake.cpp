#include "enrol/pake.hpp"

#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "pki/aead.hpp"

#include <utility>

namespace adaos::enrol {
namespace {

using Direction = PakeBoxes::Direction;
constexpr std::string_view protocol = "adaos-join-v1";
constexpr std::string_view prover_name = "member";

/// Of both first bodies, each behind its length in 8 bytes, little endian.
Digest hash_opening(std::string_view request, std::string_view answer) {
    std::string text;
    text.reserve(request.size() + answer.size() + 16);
    for (auto const body : {request, answer}) {
        for (unsigned shift = 0; shift < 64; shift += 8)
            text += static_cast<char>((std::uint64_t{body.size()} >> shift) & 0xff);
        text += body;
    }
    return sha256(as_bytes(text));
}

pki::SpakeNames names(Digest const& opening, std::string authority_id) {
    return {std::string(protocol) + std::string(as_text(opening)), std::string(prover_name),
            std::move(authority_id)};
}

pki::SecretKey box_key(pki::SecretKey const& shared, std::string_view what) {
    pki::SecretKey key;
    pki::hkdf_sha256(shared.reveal(), std::string(protocol) + std::string(what), key.fill());
    return key;
}

Error out_of_order() {
    return Error(Problem::bad_request, "out of order in the proof of a code");
}

}  // namespace

PakeBoxes::PakeBoxes(pki::SecretKey const& shared, PakeSid const& sid, Digest const& opening)
    : to_authority_(box_key(shared, " member to authority")),
      to_member_(box_key(shared, " authority to member")),
      sid_(sid),
      opening_(opening) {}

pki::SecretKey const& PakeBoxes::key(Direction direction) const {
    return direction == Direction::to_authority ? to_authority_ : to_member_;
}

Bytes PakeBoxes::bound(Direction direction) const {
    Bytes all(sid_.begin(), sid_.end());
    all.push_back(static_cast<std::byte>(direction));
    all.insert(all.end(), opening_.begin(), opening_.end());
    return all;
}

Bytes PakeBoxes::seal(Direction direction, std::string_view plain) const {
    return pki::seal_once(key(direction), bound(direction), plain);
}

Result<std::string> PakeBoxes::open(Direction direction, Bytes const& box) const {
    return pki::open_once(key(direction), bound(direction), box);
}

PakeClient::PakeClient(Secret canonical, Random& random, Stretch stretch)
    : code_(std::move(canonical)), stretch_(std::move(stretch)) {
    PakeParamsRequest request{code_slot(code_), {}};
    random.fill(request.nonce);
    request_ = write_json(request);
    x_ = pki::draw_spake_scalar(random);
}

Result<PakeShare> PakeClient::take_params(std::string_view body) {
    if (std::exchange(state_, State::over) != State::asked) return Error(Problem::internal);
    auto answer = parse_params_answer(body);
    if (!answer) return answer.error();
    auto const secrets = stretch_(code_, answer->salt, answer->cost);
    if (!secrets) return secrets.error();
    auto prover = pki::SpakeProver::start(*secrets, x_);
    if (!prover) return prover.error();
    prover_ = std::move(*prover);
    sid_ = answer->sid;
    authority_id_ = std::move(answer->authority_id);
    opening_ = hash_opening(request_, body);
    state_ = State::shared;
    return PakeShare{sid_, prover_->share()};
}

PakeFinish PakeClient::give_up() const {
    PakeFinish out;
    out.sid = sid_;
    out.box.resize(pki::box_tag_bytes);
    return out;
}

Result<PakeFinish> PakeClient::take_share(PakeShareAnswer const& answer, std::string_view order) {
    if (std::exchange(state_, State::over) != State::shared) return Error(Problem::internal);
    if (order.size() > max_boxed_bytes)
        return Error(Problem::invalid_field, "a join order over 32 KiB");
    auto const proved =
        prover_->finish(names(opening_, authority_id_), answer.share_v, answer.confirm_v);
    prover_.reset();
    if (!proved) {
        auto error = proved.error();
        if (error.code == Problem::invalid_field) error.code = Problem::bad_answer;
        return error;
    }
    boxes_.emplace(proved->key, sid_, opening_);
    state_ = State::proved;
    return PakeFinish{sid_, proved->confirm, boxes_->seal(Direction::to_authority, order)};
}

Result<std::string> PakeClient::take_finish(PakeFinishAnswer const& answer) {
    if (std::exchange(state_, State::over) != State::proved) return Error(Problem::internal);
    return boxes_->open(Direction::to_member, answer.box);
}

std::string PakeClient::authority_id() const {
    return boxes_ ? authority_id_ : std::string();
}

PakeServer::PakeServer(std::string_view request_body, std::string authority_id,
                       PakeVerifier verifier, Random& random)
    : authority_id_(std::move(authority_id)), verifier_(verifier) {
    PakeParamsAnswer answer{{}, {}, authority_id_, verifier_.salt, verifier_.cost};
    random.fill(answer.sid);
    random.fill(answer.nonce);
    sid_ = answer.sid;
    answer_ = write_json(answer);
    opening_ = hash_opening(request_body, answer_);
    y_ = pki::draw_spake_scalar(random);
}

Result<PakeShareAnswer> PakeServer::take_share(PakeShare const& message) {
    if (state_ != State::asked || message.sid != sid_) return out_of_order();
    state_ = State::over;
    auto answered = pki::SpakeVerifier::answer(names(opening_, authority_id_), verifier_.record, y_,
                                               message.share_p);
    if (!answered) return answered.error();
    spake_ = std::move(*answered);
    state_ = State::shared;
    return PakeShareAnswer{spake_->share(), spake_->confirm()};
}

Result<std::string> PakeServer::take_finish(PakeFinish const& message) {
    if (state_ != State::shared || message.sid != sid_) return out_of_order();
    state_ = State::over;
    auto const key = spake_->finish(message.confirm_p);
    spake_.reset();
    if (!key) return key.error();
    boxes_.emplace(*key, sid_, opening_);
    auto order = boxes_->open(Direction::to_authority, message.box);
    if (order) state_ = State::proved;
    return order;
}

Result<PakeFinishAnswer> PakeServer::seal_answer(std::string_view plain) {
    if (state_ != State::proved) return out_of_order();
    state_ = State::over;
    if (plain.size() > max_boxed_bytes)
        return Error(Problem::internal, "an answer to a join order over 32 KiB");
    return PakeFinishAnswer{boxes_->seal(Direction::to_member, plain)};
}

}  // namespace adaos::enrol
