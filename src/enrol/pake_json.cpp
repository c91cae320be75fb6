#include "base/json_body.hpp"
#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "enrol/pake_messages.hpp"

#include <algorithm>
#include <limits>

namespace adaos::enrol {
namespace {

constexpr std::int64_t protocol_version = 1;
constexpr std::size_t most_suites = 16;
constexpr std::size_t most_suite_bytes = 64;

template <std::size_t size>
std::array<std::byte, size> read_bytes(JsonBody& body, char const* key) {
    std::array<std::byte, size> out{};
    auto const bytes = from_base64(body.text(key, 4 * ((size + 2) / 3)));
    if (bytes && bytes->size() == size)
        std::copy(bytes->begin(), bytes->end(), out.begin());
    else
        body.refuse(key, std::to_string(size) + " bytes in base64 are needed");
    return out;
}

Bytes read_box(JsonBody& body, char const* key) {
    auto box = from_base64(body.text(key, 4 * ((max_box_bytes + 2) / 3)));
    if (box && box->size() >= pki::box_tag_bytes && box->size() <= max_box_bytes)
        return std::move(*box);
    body.refuse(key, "16 bytes to 32 KiB in base64 are needed");
    return {};
}

Result<JsonBody> open_request(std::string_view body) {
    if (body.size() > max_pake_body_bytes) return Error(Problem::body_too_large);
    return JsonBody::parse(body);
}

Result<JsonBody> open_answer(std::string_view body) {
    auto opened = open_request(body);
    if (!opened) return Error(Problem::bad_answer, "no JSON object, or a large one");
    return opened;
}

Result<void> check_answer(JsonBody const& body) {
    auto const checked = body.check();
    if (!checked) return Error(Problem::bad_answer, checked.error().context);
    return Result<void>();
}

bool is_authority_id(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::uint32_t read_cost(JsonBody& kdf, char const* key) {
    return static_cast<std::uint32_t>(
        kdf.integer(key, 1, std::numeric_limits<std::uint32_t>::max(), 0));
}

}  // namespace

std::string write_json(PakeParamsRequest const& message) {
    Json out = Json::object();
    out["v"] = protocol_version;
    out["slot"] = message.slot;
    out["nM"] = to_base64(message.nonce);
    out["suites"] = Json::array({std::string(pake_suite)});
    return dump(out);
}

std::string write_json(PakeParamsAnswer const& message) {
    Json kdf = Json::object();
    kdf["name"] = "scrypt";
    kdf["n"] = message.cost.n;
    kdf["r"] = message.cost.r;
    kdf["p"] = message.cost.p;
    Json out = Json::object();
    out["sid"] = to_base64(message.sid);
    out["nH"] = to_base64(message.nonce);
    out["authority_id"] = message.authority_id;
    out["salt"] = to_base64(message.salt);
    out["kdf"] = std::move(kdf);
    out["suite"] = std::string(pake_suite);
    return dump(out);
}

std::string write_json(PakeShare const& message) {
    Json out = Json::object();
    out["sid"] = to_base64(message.sid);
    out["shareP"] = to_base64(message.share_p);
    return dump(out);
}

std::string write_json(PakeShareAnswer const& message) {
    Json out = Json::object();
    out["shareV"] = to_base64(message.share_v);
    out["confirmV"] = to_base64(message.confirm_v);
    return dump(out);
}

std::string write_json(PakeFinish const& message) {
    Json out = Json::object();
    out["sid"] = to_base64(message.sid);
    out["confirmP"] = to_base64(message.confirm_p);
    out["box1"] = to_base64(message.box);
    return dump(out);
}

std::string write_json(PakeFinishAnswer const& message) {
    Json out = Json::object();
    out["box2"] = to_base64(message.box);
    return dump(out);
}

Result<PakeParamsRequest> parse_params_request(std::string_view text) {
    auto body = open_request(text);
    if (!body) return body.error();
    PakeParamsRequest message;
    if (body->integer("v", 0, 1'000'000, 0) != protocol_version) body->refuse("v", "1 is needed");
    message.slot = body->text("slot", 4);
    if (!is_slot(message.slot)) body->refuse("slot", "not the start of a join code");
    message.nonce = read_bytes<32>(*body, "nM");
    auto const suites = body->texts("suites", most_suites, most_suite_bytes);
    if (std::find(suites.begin(), suites.end(), pake_suite) == suites.end())
        body->refuse("suites", std::string(pake_suite) + " is needed");
    auto const checked = body->check();
    if (!checked) return checked.error();
    return message;
}

Result<PakeParamsAnswer> parse_params_answer(std::string_view text) {
    auto body = open_answer(text);
    if (!body) return body.error();
    PakeParamsAnswer message;
    message.sid = read_bytes<16>(*body, "sid");
    message.nonce = read_bytes<32>(*body, "nH");
    message.authority_id = body->text("authority_id", max_authority_id_bytes);
    if (!is_authority_id(message.authority_id))
        body->refuse("authority_id", "1 to 128 visible ASCII characters are needed");
    message.salt = read_bytes<16>(*body, "salt");
    auto kdf = body->object("kdf");
    message.cost = {read_cost(kdf, "n"), read_cost(kdf, "r"), read_cost(kdf, "p")};
    if (kdf.text("name", 16) != "scrypt" || !kdf.check() || !is_fair_cost(message.cost))
        body->refuse("kdf", "scrypt with n from 2^14 to 2^17, r 8, p 1 is needed");
    if (body->text("suite", most_suite_bytes) != pake_suite)
        body->refuse("suite", "not one that was offered");
    auto const checked = check_answer(*body);
    if (!checked) return checked.error();
    return message;
}

Result<PakeShare> parse_share(std::string_view text) {
    auto body = open_request(text);
    if (!body) return body.error();
    PakeShare message;
    message.sid = read_bytes<16>(*body, "sid");
    message.share_p = read_bytes<pki::spake_point_bytes>(*body, "shareP");
    auto const checked = body->check();
    if (!checked) return checked.error();
    return message;
}

Result<PakeShareAnswer> parse_share_answer(std::string_view text) {
    auto body = open_answer(text);
    if (!body) return body.error();
    PakeShareAnswer message;
    message.share_v = read_bytes<pki::spake_point_bytes>(*body, "shareV");
    message.confirm_v = read_bytes<32>(*body, "confirmV");
    auto const checked = check_answer(*body);
    if (!checked) return checked.error();
    return message;
}

Result<PakeFinish> parse_finish(std::string_view text) {
    auto body = open_request(text);
    if (!body) return body.error();
    PakeFinish message;
    message.sid = read_bytes<16>(*body, "sid");
    message.confirm_p = read_bytes<32>(*body, "confirmP");
    message.box = read_box(*body, "box1");
    auto const checked = body->check();
    if (!checked) return checked.error();
    return message;
}

Result<PakeFinishAnswer> parse_finish_answer(std::string_view text) {
    auto body = open_answer(text);
    if (!body) return body.error();
    PakeFinishAnswer message;
    message.box = read_box(*body, "box2");
    auto const checked = check_answer(*body);
    if (!checked) return checked.error();
    return message;
}

}  // namespace adaos::enrol
