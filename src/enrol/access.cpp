#include "enrol/access.hpp"

#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "enrol/grants.hpp"
#include "enrol/kinds.hpp"
#include "enrol/mac_key.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

constexpr std::string_view token_prefix = "adaos_at_";
constexpr std::size_t token_bytes = token_prefix.size() + 43;  // 32 bytes in base64url
constexpr std::size_t max_token_name_bytes = 64;
constexpr std::chrono::seconds min_token_life{60};
constexpr std::chrono::seconds max_token_life{std::chrono::hours(24 * 366)};
constexpr std::size_t max_duration_digits = 9;

constexpr std::string_view token_columns =
    "SELECT id, name, scope, created_at, expires_at, revoked_at FROM access_tokens ";

Result<AccessToken> read_token(store::Statement const& row) {
    AccessToken t;
    t.id = row.text(0);
    t.name = row.text(1);
    auto const scope = parse_scope(row.text(2));
    if (!scope) return Error(Problem::state_damaged, "access token: scope");
    t.scope = *scope;
    t.created_at = from_millis(row.integer(3));
    t.expires_at = from_millis(row.integer(4));
    if (!row.is_null(5)) t.revoked_at = from_millis(row.integer(5));
    return t;
}

bool is_token_name(std::string_view name) {
    return !name.empty() && name.size() <= max_token_name_bytes &&
           std::none_of(name.begin(), name.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

AuditRow access_event(std::string_view event, WallTime at, std::string_view id,
                      std::string_view actor) {
    AuditRow row;
    row.event = event;
    row.at = at;
    row.grant_id = id;
    row.actor = actor;
    return row;
}

}  // namespace

std::optional<Scope> parse_scope(std::string_view text) {
    for (auto const scope : {Scope::view, Scope::developer, Scope::operate, Scope::admin})
        if (text == scope_name(scope)) return scope;
    if (text == "viewer") return Scope::view;
    if (text == "operator") return Scope::operate;
    return std::nullopt;
}

std::string_view scope_name(Scope scope) {
    switch (scope) {
        case Scope::view: return "view";
        case Scope::developer: return "developer";
        case Scope::operate: return "operate";
        case Scope::admin: return "admin";
    }
    return "";
}

std::string actor_of(AccessToken const& token) {
    return token.id + ':' + token.name;
}

Access::Access(store::Database& db, Clock const& clock, Random& random)
    : db_(db), clock_(clock), random_(random) {}

Result<Access::Created> Access::create(std::string name, Scope scope, std::chrono::seconds ttl,
                                       std::string_view actor) {
    if (!is_token_name(name)) return Error(Problem::invalid_field, "name: 1 to 64 characters");
    if (ttl < min_token_life || ttl > max_token_life)
        return Error(Problem::invalid_field, "ttl: 1 minute to 366 days");
    Created created{{}, random_token(token_prefix, random_)};
    auto& token = created.token;
    token.id = random_.uuid();
    token.name = std::move(name);
    token.scope = scope;
    token.created_at = clock_.wall();
    token.expires_at = token.created_at + ttl;
    return db_.transaction<Created>([&]() -> Result<Created> {
        auto put = db_.prepare(
            "INSERT INTO access_tokens (id, name, scope, secret_hash, created_at, expires_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        put.bind(1, token.id).bind(2, token.name).bind(3, scope_name(scope));
        put.bind(4, std::span<std::byte const>(sha256(as_bytes(created.secret.reveal()))));
        put.bind(5, to_millis(token.created_at)).bind(6, to_millis(token.expires_at));
        if (auto ok = put.run(); ok.has_error()) return ok.error();
        auto event = access_event("access_created", token.created_at, token.id, actor);
        event.detail = std::string(scope_name(scope)) + " " + token.name;
        if (auto ok = append_audit(db_, event); ok.has_error()) return ok.error();
        return created;
    });
}

Result<std::optional<AccessToken>> Access::check(std::string_view presented) {
    std::optional<AccessToken> const none;
    if (presented.size() != token_bytes || !presented.starts_with(token_prefix)) return none;
    auto row = db_.prepare(std::string(token_columns) + "WHERE secret_hash = ?1");
    row.bind(1, std::span<std::byte const>(sha256(as_bytes(presented))));
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return none;
    auto const token = read_token(row);
    if (token.has_error()) return token.error();
    auto const now = clock_.wall();
    bool const alive =
        !token->revoked_at && now < token->expires_at && now >= token->created_at - max_step_back;
    return alive ? std::optional(*token) : none;
}

Result<std::vector<AccessToken>> Access::list() {
    auto rows =
        db_.prepare(std::string(token_columns) + "ORDER BY created_at DESC, rowid DESC LIMIT ?1");
    rows.bind(1, std::int64_t{max_listed});
    std::vector<AccessToken> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        auto token = read_token(rows);
        if (token.has_error()) return token.error();
        found.push_back(std::move(*token));
    }
}

Result<void> Access::revoke(std::string_view id, std::string_view actor) {
    return db_.transaction<void>([&]() -> Result<void> {
        {
            auto row = db_.prepare("SELECT revoked_at FROM access_tokens WHERE id = ?1");
            row.bind(1, id);
            auto const there = row.step();
            if (there.has_error()) return there.error();
            if (!*there)
                return Error(Problem::not_found,
                             "no such access token; adaos access list shows their ids");
            if (!row.is_null(0)) return Result<void>();
        }
        auto const now = clock_.wall();
        auto put = db_.prepare("UPDATE access_tokens SET revoked_at = ?2 WHERE id = ?1");
        put.bind(1, id).bind(2, to_millis(now));
        if (auto done = put.run(); done.has_error()) return done.error();
        return append_audit(db_, access_event("access_revoked", now, id, actor));
    });
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
    auto const bad = Error(Problem::invalid_field, "a duration is like 30d, 12h, 15m or 90s");
    if (text.size() < 2 || text.size() > max_duration_digits + 1) return bad;
    std::chrono::seconds unit{};
    switch (text.back()) {
        case 'd': unit = std::chrono::hours(24); break;
        case 'h': unit = std::chrono::hours(1); break;
        case 'm': unit = std::chrono::minutes(1); break;
        case 's': unit = std::chrono::seconds(1); break;
        default: return bad;
    }
    std::int64_t number = 0;
    for (char const c : text.substr(0, text.size() - 1)) {
        if (c < '0' || c > '9') return bad;
        number = number * 10 + (c - '0');
    }
    return unit * number;
}

}  // namespace adaos::enrol
