#pragma once
/// Bearer tokens for people and scripts: shown once, stored as a hash, checked by the hub itself.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "store/database.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace adaos::enrol {

/// Each includes the ones before. As roles: viewer, developer, operator, admin.
enum class Scope { view = 1, developer = 2, operate = 3, admin = 4 };
/// Takes the roles' names, too; `scope_name` gives view, developer, operate, admin.
[[nodiscard]] std::optional<Scope> parse_scope(std::string_view text);
[[nodiscard]] std::string_view scope_name(Scope scope);

struct AccessToken {
    std::string id, name;
    Scope scope = Scope::view;
    WallTime created_at{}, expires_at{};
    std::optional<WallTime> revoked_at;
};
/// Who its bearer is in the trail: "<id>:<name>". The name is anybody's choice, the id is not: no
/// word of ours, no node id and no address begins so.
[[nodiscard]] std::string actor_of(AccessToken const& token);

class Access {
public:
    Access(store::Database& db, Clock const& clock, Random& random);
    struct Created {
        AccessToken token;
        Secret secret;  ///< "adaos_at_" + 43 base64url characters
    };
    /// `ttl` 1 min to 366 days; `actor`: who makes it, for the audit. Errors: invalid_field.
    [[nodiscard]] Result<Created> create(std::string name, Scope scope, std::chrono::seconds ttl,
                                         std::string_view actor);
    /// Absent: unknown, expired or revoked (the three are not told apart).
    [[nodiscard]] Result<std::optional<AccessToken>> check(std::string_view presented);
    [[nodiscard]] Result<std::vector<AccessToken>> list();
    /// Ends it; again: no change. Errors: not_found.
    [[nodiscard]] Result<void> revoke(std::string_view id, std::string_view actor);

private:
    store::Database& db_;
    Clock const& clock_;
    Random& random_;
};

/// "30d", "12h", "15m", "90s". Errors: invalid_field.
[[nodiscard]] Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace adaos::enrol
