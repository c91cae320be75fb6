#include "store/sqlite_error.hpp"

#include "base/problem.hpp"
#include "store/database.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace adaos::store {
namespace {

enum class Errc { constraint = 1 };

class StoreCategory final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "store"; }
    std::string message(int) const override { return "a rule of the database was broken"; }
};

boost::system::error_code constraint_code() noexcept {
    static StoreCategory const category;
    return {static_cast<int>(Errc::constraint), category};
}

boost::system::error_code code_of(int code, int system_errno) {
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT: return constraint_code();
        case SQLITE_FULL: return make_error_code(Problem::disk_full);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return make_error_code(Problem::state_damaged);
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH: return make_error_code(Problem::permission);
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
            if (system_errno == ENOSPC || system_errno == EDQUOT)
                return make_error_code(Problem::disk_full);
            if (system_errno == EACCES || system_errno == EPERM || system_errno == EROFS)
                return make_error_code(Problem::permission);
            return make_error_code(Problem::state_unreadable);
        case SQLITE_ERROR:
        case SQLITE_MISUSE:
        case SQLITE_RANGE: return make_error_code(Problem::internal);
        default: return make_error_code(Problem::state_unreadable);
    }
}

}  // namespace

Error sqlite_error(int code, sqlite3* db, std::string_view what) {
    char const* const file = db == nullptr ? nullptr : sqlite3_db_filename(db, "main");
    std::string context(what);
    if (file != nullptr && *file != '\0') context.append(" ").append(file);
    context += ": ";
    // The connection's own message says more, when it is still the one of this failure.
    bool const fresh = db != nullptr && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
    context += fresh ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    return Error(code_of(code, db == nullptr ? 0 : sqlite3_system_errno(db)), std::move(context));
}

void bug(std::string_view what) noexcept {
    std::fprintf(stderr, "adaos: bug: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

bool is_constraint(Error const& e) noexcept {
    return e.code == constraint_code();
}

}  // namespace adaos::store
