#pragma once
/// A registered hub has grants in two books: its own (local codes, host invites, bootstrap tokens)
/// and its subnet's at Root. `?authority=local|root|all` says which is meant; Root has one book.

#include "api/grant_call.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace adaos::api {

enum class Authority { local, root, all };
/// `local` unless told. Errors: invalid_field.
[[nodiscard]] Result<Authority> parse_authority(std::string_view query);

class TwoBooks {
public:
    struct Deps {
        GrantBook& own;
        std::function<bool()> has_root = [] { return false; };  ///< there is a book above
        std::function<net::Task<Result<std::string>>(GrantCall)> ask_root = {};
    };
    explicit TwoBooks(Deps deps) : deps_(std::move(deps)) {}

    /// With `all`: pages of the own book first, then Root's; below an id, the book that has it.
    /// Each record then says its `authority`. Errors: invalid_field, also for `all` where one book
    /// must be meant (create, the whole trail); the books'.
    net::Task<Result<std::string>> answer(GrantCall call, Actor actor);

private:
    net::Task<Result<std::string>> ask_own(GrantCall call, Actor actor);
    net::Task<Result<std::string>> list_all(GrantCall call, Actor actor);
    net::Task<Result<std::string>> find_in_all(GrantCall call, Actor actor);
    Deps deps_;
};

/// A page of both books. A cursor into Root's has a prefix, so that the next page knows where it
/// is.
struct BothPages {
    std::string json;  ///< adaos.grants/v1
    int missing = 0;   ///< rows that still fit in; 0: full
};
[[nodiscard]] bool is_root_cursor(std::string_view cursor);
[[nodiscard]] std::string own_form(std::string_view root_cursor);
/// The own book's page, marked. Errors: bad_answer.
[[nodiscard]] Result<BothPages> begin_pages(std::string const& own, int limit);
/// `begun` (may be empty) and Root's page after it. Errors: bad_answer.
[[nodiscard]] Result<std::string> end_pages(std::string const& begun, std::string const& root);
/// A record of one book, marked; another answer as it is.
[[nodiscard]] std::string marked(std::string json, Authority book);

}  // namespace adaos::api
