#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "enrol/claims.hpp"
#include "enrol/garbage.hpp"
#include "enrol/grants.hpp"
#include "enrol/join_code.hpp"
#include "enrol/mac_key.hpp"
#include "enrol/pake_verifier.hpp"
#include "enrol/slots.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

constexpr std::size_t max_note_bytes = 256;
constexpr std::size_t max_alloc_bytes = 4096;
constexpr std::int64_t max_uses_asked = 1'000'000;

Error bad(std::string why) {
    return Error(Problem::invalid_field, std::move(why));
}

bool is_text(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> check_binding(MintOrder const& order) {
    if (!order.node_name.empty() && !is_node_label(order.node_name))
        return bad("node_name: a lower-case RFC 1123 label of at most 63 characters");
    if (!order.node_id.empty() && !is_node_id(order.node_id)) return bad("node_id: a UUID");
    if (order.kind == Kind::bootstrap && order.node_id.empty())
        return bad("node_id: a bootstrap token is for one node");
    if (!order.arch.empty() && order.arch != "amd64" && order.arch != "arm64")
        return bad("arch: amd64 or arm64");
    auto const key = from_hex(order.key);
    if (!order.key.empty() && (!key || key->size() != Digest{}.size()))
        return bad("key: 64 hex digits");
    bool const binds = !order.node_name.empty() || !order.node_id.empty() || !order.arch.empty();
    if (order.kind == Kind::member && (binds || !order.key.empty()))
        return bad("bind: a join code is bound when it is used");
    return Result<void>();
}

Result<void> check_order(MintOrder const& order) {
    if (order.kind == Kind::hub && order.subnet_id.empty()) {
        // Root gives it one at the registration.
    } else if (!is_subnet_id(order.subnet_id)) {
        return bad("subnet_id");
    }
    if (order.ttl && *order.ttl <= std::chrono::seconds(0)) return bad("ttl: more than nothing");
    if (order.note.size() > max_note_bytes || !is_text(order.note))
        return bad("note: at most 256 bytes, no control characters");
    if (order.alloc_json.size() > max_alloc_bytes) return bad("alloc: too long");
    if (order.max_uses && (*order.max_uses < 0 || *order.max_uses > max_uses_asked))
        return bad("max_uses: 0 (no limit) to 1000000");
    if (auto ok = check_claims_size(order.claims_json); ok.has_error()) return ok;
    if (auto ok = check_binding(order); ok.has_error()) return ok;
    if (policy_of(order.kind).form == Form::code) return check_code_length(order.length);
    return Result<void>();
}

/// Absent: unlimited.
Result<std::optional<std::int64_t>> uses_of(MintOrder const& order) {
    auto const& policy = policy_of(order.kind);
    bool const bound = !order.node_name.empty() || !order.node_id.empty();
    auto const wanted = bound ? 1 : order.max_uses.value_or(policy.usual_uses);
    if (wanted == 0 && policy.may_be_many) return std::optional<std::int64_t>();
    if (wanted != 1 && !policy.may_be_many) return bad("max_uses: this kind of grant has one use");
    return std::optional(wanted);
}

struct Life {
    std::chrono::seconds ttl{};
    bool is_clamped = false;
};
Result<Life> life_of(MintOrder const& order) {
    auto const& policy = policy_of(order.kind);
    auto const asked = order.ttl.value_or(policy.usual_life);
    auto const given = std::clamp(asked, policy.least_life, policy.most_life);
    if (given != asked && order.is_strict)
        return bad("ttl: " + std::to_string(policy.least_life.count()) + " to " +
                   std::to_string(policy.most_life.count()) + " s");
    return Life{given, given != asked};
}

Result<void> insert(store::Database& db, MintOrder const& order, Minted const& minted,
                    Traces const& traces) {
    auto const& policy = policy_of(order.kind);
    auto put = db.prepare(
        "INSERT INTO grants (id, kind, form, secret_mac, prefix8, slot, verifier, subnet_id, "
        "bind_key, bind_name, bind_node_id, bind_arch, claims_json, alloc_json, note, max_uses, "
        "fetch_budget, created_at, expires_at, ttl_clamped, created_by, created_from) VALUES (?1, "
        "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
        "?21, ?22)");
    put.bind(1, minted.id).bind(2, policy.word);
    put.bind(3, std::string_view(policy.form == Form::code ? "code" : "token"));
    put.bind(4, std::span<std::byte const>(traces.mac)).bind(5, traces.prefix8);
    put.bind(6, traces.slot);
    if (traces.verifier)
        put.bind(7, std::span<std::byte const>(*traces.verifier));
    else
        put.bind(7, nullptr);
    put.bind(8, order.subnet_id).bind(9, to_lower(order.key)).bind(10, order.node_name);
    put.bind(11, order.node_id).bind(12, order.arch).bind(13, order.claims_json);
    put.bind(14, order.alloc_json).bind(15, order.note).bind(16, minted.max_uses);
    put.bind(17, std::int64_t{policy.fetch_budget}).bind(18, to_millis(minted.created_at));
    put.bind(19, to_millis(minted.expires_at)).bind(20, std::int64_t{minted.is_clamped});
    put.bind(21, order.created_by).bind(22, order.created_from);
    return put.run();
}

/// Spec 5.3: asking again for the same node gives a live token; the earlier one stops working.
Result<void> supersede_others(store::Database& db, MintOrder const& order, Minted const& minted) {
    std::vector<std::string> ids;
    {
        auto rows = db.prepare(
            "SELECT id FROM grants WHERE bind_node_id = ?1 AND bind_node_id <> '' AND kind = "
            "'bootstrap' AND id <> ?2 AND uses = 0 AND revoked_at IS NULL AND superseded_by IS "
            "NULL AND expires_at > ?3");
        rows.bind(1, order.node_id).bind(2, minted.id).bind(3, to_millis(minted.created_at));
        for (;;) {
            auto const there = rows.step();
            if (there.has_error()) return there.error();
            if (!*there) break;
            ids.push_back(rows.text(0));
        }
    }
    for (auto const& id : ids) {
        auto put = db.prepare("UPDATE grants SET superseded_by = ?2 WHERE id = ?1");
        put.bind(1, id).bind(2, minted.id);
        if (auto done = put.run(); done.has_error()) return done;
        AuditRow event;
        event.at = minted.created_at;
        event.event = "superseded";
        event.actor = order.created_by;
        event.grant_id = id;
        event.node_id = order.node_id;
        event.detail = "by " + minted.id;
        if (auto done = append_audit(db, event); done.has_error()) return done;
    }
    return Result<void>();
}

Result<void> record_mint(store::Database& db, MintOrder const& order, Minted const& minted,
                         Traces const& traces) {
    if (!traces.slot.empty()) {
        if (auto ok = forget_tries(db, traces.slot); ok.has_error()) return ok;
    }
    AuditRow event;
    event.at = minted.created_at;
    event.event = "minted";
    event.actor = order.created_by;
    event.grant_id = minted.id;
    event.node_id = order.node_id;
    event.detail = kind_word(order.kind);
    if (!traces.prefix8.empty()) event.detail += " " + traces.prefix8;
    if (!order.node_name.empty()) event.detail += " for " + order.node_name;
    if (auto ok = append_audit(db, event); ok.has_error()) return ok;
    return supersede_others(db, order, minted);
}

}  // namespace

Result<Minted> Grants::mint(MintOrder order) {
    for (int attempt = 1; attempt <= max_draws; ++attempt) {
        auto drawn = draw(order);
        if (drawn.has_error()) return drawn.error();
        if (auto ok = stretch(*drawn, mac_key_, cost_); ok.has_error()) return ok.error();
        auto const minted = mint_drawn(order, *drawn);
        if (minted.has_error()) return minted.error();
        if (*minted) return **minted;
    }
    return Error(Problem::internal, "mint: no free code found");
}

Result<Drawn> Grants::draw(MintOrder const& order) {
    if (auto ok = check_order(order); ok.has_error()) return with_context(ok.error(), "mint");
    if (auto ok = check_mac_key(mac_key_); ok.has_error()) return ok.error();
    if (policy_of(order.kind).form == Form::code) return draw_code(order);
    Drawn drawn;
    drawn.secret = make_token(order.kind, random_);
    drawn.display = drawn.secret.reveal();
    drawn.traces.mac = sha256(as_bytes(drawn.secret.reveal()));
    drawn.traces.prefix8 = to_hex(drawn.traces.mac).substr(0, 8);
    return drawn;
}

Result<Drawn> Grants::draw_code(MintOrder const& order) {
    auto const now = clock_.wall();
    auto const length = roomy_code_length(db_, order.length, now);
    if (length.has_error()) return length.error();
    Drawn drawn;
    for (int attempt = 1;; ++attempt) {
        drawn.secret = make_code(random_, *length);
        drawn.traces.slot = code_slot(drawn.secret);
        auto const taken = is_slot_live(db_, drawn.traces.slot, now);
        if (taken.has_error()) return taken.error();
        if (!*taken) break;
        if (attempt == max_draws) return Error(Problem::internal, "mint: no free code found");
    }
    drawn.display = display_code(drawn.secret);
    drawn.traces.mac = code_mac(mac_key_, drawn.secret);
    return drawn;
}

Result<void> Grants::stretch(Drawn& drawn, Bytes const& mac_key, pki::ScryptCost cost) {
    if (drawn.traces.slot.empty()) return Result<void>();
    auto const verifier = PakeVerifier::make(mac_key, drawn.secret, cost);
    if (verifier.has_error()) return verifier.error();
    drawn.traces.verifier = verifier->to_blob();
    return Result<void>();
}

Result<std::optional<Minted>> Grants::mint_drawn(MintOrder const& order, Drawn const& drawn) {
    auto const uses = uses_of(order);
    if (uses.has_error()) return with_context(uses.error(), "mint");
    auto const life = life_of(order);
    if (life.has_error()) return with_context(life.error(), "mint");
    Minted minted;
    minted.id = random_.uuid();
    minted.secret = drawn.secret;
    minted.display = drawn.display;
    minted.max_uses = *uses;
    minted.is_clamped = life->is_clamped;
    bool is_taken = false;
    auto const done = db_.transaction<void>([&]() -> Result<void> {
        minted.created_at = clock_.wall();
        minted.expires_at = minted.created_at + life->ttl;
        if (auto ok = prune_grants(db_, minted.created_at); ok.has_error()) return ok;
        auto const taken = is_slot_live(db_, drawn.traces.slot, minted.created_at);
        if (taken.has_error()) return taken.error();
        auto const put = *taken ? Result<void>(Error(Problem::internal, "slot taken"))
                                : insert(db_, order, minted, drawn.traces);
        is_taken = *taken || (put.has_error() && store::is_constraint(put.error()));
        if (put.has_error()) return put;
        if (auto ok = record_mint(db_, order, minted, drawn.traces); ok.has_error()) return ok;
        return order.along ? order.along(db_, minted) : Result<void>();
    });
    if (done.has_value()) return std::optional(std::move(minted));
    if (is_taken) return std::optional<Minted>();
    return done.error();
}

}  // namespace adaos::enrol
