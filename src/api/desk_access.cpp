/// The desk's access tokens.

#include "api/desk.hpp"

namespace adaos::api {

net::Task<Result<enrol::Access::Created>> Desk::create_token(std::string name, enrol::Scope scope,
                                                             std::chrono::seconds ttl,
                                                             std::string actor) {
    std::function<Result<enrol::Access::Created>(store::Database&)> const job =
        [this, name = std::move(name), scope, ttl, actor = std::move(actor)](auto& db) {
            return enrol::Access(db, clock_, random_).create(name, scope, ttl, actor);
        };
    co_return co_await ask<enrol::Access::Created>(job);
}

net::Task<Result<std::optional<enrol::AccessToken>>> Desk::check_token(std::string presented) {
    std::function<Result<std::optional<enrol::AccessToken>>(store::Database&)> const job =
        [this, presented = std::move(presented)](auto& db) {
            return enrol::Access(db, clock_, random_).check(presented);
        };
    co_return co_await ask<std::optional<enrol::AccessToken>>(job);
}

net::Task<Result<std::vector<enrol::AccessToken>>> Desk::tokens() {
    std::function<Result<std::vector<enrol::AccessToken>>(store::Database&)> const job =
        [this](auto& db) { return enrol::Access(db, clock_, random_).list(); };
    co_return co_await ask<std::vector<enrol::AccessToken>>(job);
}

net::Task<Result<void>> Desk::revoke_token(std::string id, std::string actor) {
    std::function<Result<void>(store::Database&)> const job = [this, id = std::move(id),
                                                               actor = std::move(actor)](auto& db) {
        return enrol::Access(db, clock_, random_).revoke(id, actor);
    };
    co_return co_await ask<void>(job);
}

}  // namespace adaos::api
