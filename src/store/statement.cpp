#include "store/database.hpp"
#include "store/sqlite_error.hpp"

#include <utility>

namespace adaos::store {
namespace {

/// A wrong index or a statement that still has rows is the program's mistake; the rest is kept.
int checked(int code) {
    if (code == SQLITE_RANGE) bug("bind: the statement has no such index");
    if (code == SQLITE_MISUSE) bug("bind: the statement is between two rows");
    return code;
}

}  // namespace

Statement::Statement(sqlite3* db, sqlite3_stmt* stmt, bool* in_use, int failure)
    : db_(db), stmt_(stmt), in_use_(in_use), failure_(failure) {}

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      stmt_(std::exchange(other.stmt_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      failure_(other.failure_) {}

Statement::~Statement() {
    if (in_use_ == nullptr) {
        sqlite3_finalize(stmt_);
        return;
    }
    sqlite3_reset(stmt_);
    sqlite3_clear_bindings(stmt_);  // frees the copies; nothing of one caller reaches the next
    *in_use_ = false;
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (failure_ == SQLITE_OK) failure_ = checked(sqlite3_bind_int64(stmt_, index, value));
    return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
    // A null pointer would bind NULL; an empty text is not NULL.
    char const* const data = value.data() == nullptr ? "" : value.data();
    if (failure_ == SQLITE_OK)
        failure_ = checked(
            sqlite3_bind_text64(stmt_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int index, std::span<std::byte const> value) {
    void const* const data = value.data() == nullptr ? "" : static_cast<void const*>(value.data());
    if (failure_ == SQLITE_OK)
        failure_ = checked(sqlite3_bind_blob64(stmt_, index, data, value.size(), SQLITE_TRANSIENT));
    return *this;
}

Statement& Statement::bind(int index, std::nullptr_t) {
    if (failure_ == SQLITE_OK) failure_ = checked(sqlite3_bind_null(stmt_, index));
    return *this;
}

Result<bool> Statement::step() {
    if (failure_ != SQLITE_OK) return sqlite_error(failure_, db_, "prepare");
    auto const code = sqlite3_step(stmt_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(stmt_);
        return false;
    }
    auto error = sqlite_error(code, db_, "run");
    sqlite3_reset(stmt_);
    return error;
}

Result<void> Statement::run() {
    for (;;) {
        auto const row = step();
        if (row.has_error()) return row.error();
        if (!*row) return {};
    }
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(stmt_, column);
}

std::string Statement::text(int column) const {
    // The pointer first: asking for it may convert the value and change its size.
    auto const* const data = sqlite3_column_text(stmt_, column);
    if (data == nullptr) return {};
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column));
    return {reinterpret_cast<char const*>(data), size};
}

Bytes Statement::blob(int column) const {
    auto const* const data = static_cast<std::byte const*>(sqlite3_column_blob(stmt_, column));
    if (data == nullptr) return {};
    return Bytes(data, data + sqlite3_column_bytes(stmt_, column));
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
}

}  // namespace adaos::store
