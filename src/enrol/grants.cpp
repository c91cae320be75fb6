#include "enrol/grants.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "enrol/trail.hpp"

namespace adaos::enrol {
namespace {

constexpr std::chrono::seconds min_code_life{60};
constexpr std::chrono::seconds max_code_life{60 * 60};
constexpr std::chrono::seconds bootstrap_life{600};
constexpr std::size_t max_claims_bytes = 4096;
constexpr std::size_t token_random_bytes = 32;
/// A fresh code that is already in the store is drawn again this often. With 2^40 codes and a
/// million rows the first draw collides once in a million mints; eight in a row is a broken source.
constexpr int max_draws = 8;

Result<void> check_order(MintOrder const& order) {
    auto const bad = [](char const* why) { return Error(Problem::invalid_field, why); };
    if (order.kind == Kind::member) {
        if (!is_subnet_id(order.subnet_id)) return bad("subnet_id");
        if (order.ttl < min_code_life || order.ttl > max_code_life)
            return bad("ttl: a join code lives 1 to 60 minutes");
        if (!order.bind.empty()) return bad("bind: a join code is bound when it is used");
        return check_code_length(order.length);
    }
    if (!order.subnet_id.empty() && !is_subnet_id(order.subnet_id)) return bad("subnet_id");
    if (order.claims_json.size() > max_claims_bytes) return bad("claims: too long");
    auto const bind = from_hex(order.bind);
    if (!order.bind.empty() && (!bind || bind->size() != Digest{}.size()))
        return bad("bind: 64 hex digits");
    return Result<void>();
}

Secret make_token(Random& random) {
    std::array<std::byte, token_random_bytes> bytes{};
    random.fill(bytes);
    Secret token("adaos_bt_" + to_base64url(bytes));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return token;
}

struct NewRow {
    std::string slot;
    Digest secret_mac;
};

Result<void> insert(store::Database& db, MintOrder const& order, Minted const& minted,
                    NewRow const& row) {
    bool const code = order.kind == Kind::member;
    auto put = db.prepare(
        "INSERT INTO grants (id, kind, form, secret_mac, slot, subnet_id, bind, claims_json, "
        "max_uses, "
        "created_at, expires_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, "
        "?11)");
    put.bind(1, minted.id).bind(2, std::string_view(code ? "member" : "bootstrap"));
    put.bind(3, std::string_view(code ? "code" : "token"));
    put.bind(4, std::span<std::byte const>(row.secret_mac)).bind(5, row.slot);
    put.bind(6, order.subnet_id).bind(7, to_lower(order.bind)).bind(8, order.claims_json);
    put.bind(9, to_millis(minted.created_at)).bind(10, to_millis(minted.expires_at));
    put.bind(11, order.created_by);
    return put.run();
}

std::string_view derived_state(store::Statement const& row, WallTime now) {
    if (row.integer(7) > 0) return "used";
    if (!row.is_null(8)) return "revoked";
    return to_millis(now) >= row.integer(6) ? "expired" : "live";
}

GrantRow read_row(store::Statement const& row, WallTime now) {
    GrantRow g;
    g.id = row.text(0);
    g.kind = row.text(1);
    g.slot = row.text(2);
    g.subnet_id = row.text(3);
    g.created_by = row.text(4);
    g.created_at = from_millis(row.integer(5));
    g.expires_at = from_millis(row.integer(6));
    g.state = derived_state(row, now);
    if (!row.is_null(9)) g.used_at = from_millis(row.integer(9));
    if (!row.is_null(10)) g.used_by = row.text(10);
    return g;
}

}  // namespace

Result<void> check_mac_key(Bytes const& key) {
    if (key.size() != Digest{}.size()) return Error(Problem::internal, "MAC key of a wrong length");
    return Result<void>();
}

Grants::Grants(store::Database& db, Bytes const& mac_key, Clock const& clock, Random& random)
    : db_(db), mac_key_(mac_key), clock_(clock), random_(random) {}

Result<Minted> Grants::mint(MintOrder order) {
    if (auto ok = check_order(order); ok.has_error()) return with_context(ok.error(), "mint");
    if (auto ok = check_mac_key(mac_key_); ok.has_error()) return ok.error();
    bool const code = order.kind == Kind::member;
    Minted minted;
    minted.id = random_.uuid();
    return db_.transaction<Minted>([&]() -> Result<Minted> {
        minted.created_at = clock_.wall();
        minted.expires_at = minted.created_at + (code ? order.ttl : bootstrap_life);
        for (int draw = 1;; ++draw) {
            minted.secret = code ? make_code(random_, order.length) : make_token(random_);
            NewRow row{code ? code_slot(minted.secret) : std::string(),
                       code ? code_mac(mac_key_, minted.secret)
                            : sha256(as_bytes(minted.secret.reveal()))};
            auto const put = insert(db_, order, minted, row);
            if (put.has_value()) break;
            if (!store::is_constraint(put.error())) return put.error();
            if (draw == max_draws) return Error(Problem::internal, "mint: no free code found");
        }
        minted.display = code ? display_code(minted.secret) : minted.secret.reveal();
        AuditRow event;
        event.at = minted.created_at;
        event.event = "minted";
        event.actor = order.created_by;
        event.grant_id = minted.id;
        event.detail = code ? "member" : "bootstrap";
        if (auto ok = append_audit(db_, event); ok.has_error()) return ok.error();
        return minted;
    });
}

Result<void> Grants::seal(std::string_view node_id) {
    {
        auto open = db_.prepare(
            "SELECT 1 FROM redemptions WHERE node_id = ?1 AND sealed_at IS NULL LIMIT 1");
        open.bind(1, node_id);
        auto const there = open.step();
        if (there.has_error()) return there.error();
        if (!*there) return Result<void>();  // the usual hello: no write lock for it
    }
    return db_.transaction<void>([&]() -> Result<void> {
        AuditRow event;
        event.at = clock_.wall();
        event.event = "sealed";
        event.actor = node_id;
        event.node_id = node_id;
        auto put = db_.prepare(
            "UPDATE redemptions SET sealed_at = ?2 WHERE node_id = ?1 AND sealed_at IS NULL");
        put.bind(1, node_id).bind(2, to_millis(event.at));
        if (auto done = put.run(); done.has_error()) return done.error();
        if (db_.changes() == 0) return Result<void>();
        return append_audit(db_, event);
    });
}

Result<std::vector<GrantRow>> Grants::list() {
    auto rows = db_.prepare(
        "SELECT g.id, g.kind, g.slot, g.subnet_id, g.created_by, g.created_at, g.expires_at, "
        "g.uses, "
        "g.revoked_at, r.at, r.node_id FROM grants g LEFT JOIN redemptions r ON r.grant_id = g.id "
        "ORDER BY g.created_at DESC, g.rowid DESC LIMIT ?1");
    rows.bind(1, std::int64_t{max_listed});
    auto const now = clock_.wall();
    std::vector<GrantRow> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        found.push_back(read_row(rows, now));
    }
}

Result<void> Grants::revoke(std::string_view id, std::string_view actor) {
    return db_.transaction<void>([&]() -> Result<void> {
        {
            auto row = db_.prepare("SELECT revoked_at FROM grants WHERE id = ?1");
            row.bind(1, id);
            auto const there = row.step();
            if (there.has_error()) return there.error();
            if (!*there) return Error(Problem::not_found, "revoke grant");
            if (!row.is_null(0)) return Result<void>();
        }
        AuditRow event;
        event.at = clock_.wall();
        event.event = "revoked";
        event.actor = actor;
        event.grant_id = id;
        auto put = db_.prepare("UPDATE grants SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1");
        put.bind(1, id).bind(2, to_millis(event.at)).bind(3, actor);
        if (auto done = put.run(); done.has_error()) return done.error();
        return append_audit(db_, event);
    });
}

}  // namespace adaos::enrol
