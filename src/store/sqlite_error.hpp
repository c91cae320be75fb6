#pragma once
/// SQLite's codes as Errors, and its handles with one owner. For files of src/store only.

#include "base/error.hpp"

#include <sqlite3.h>

#include <memory>
#include <string_view>

namespace adaos::store {

struct SqliteClose {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
};
using SqliteHandle = std::unique_ptr<sqlite3, SqliteClose>;

struct SqliteFinalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, SqliteFinalize>;

/// The error for `code` (extended or not), which is neither OK, ROW nor DONE. The context names the
/// database file and has SQLite's message, which holds names of tables and columns but no value.
[[nodiscard]] Error sqlite_error(int code, sqlite3* db, std::string_view what);

/// A broken rule of the program, not of its input: says so on stderr and ends the process.
[[noreturn]] void bug(std::string_view what) noexcept;

}  // namespace adaos::store
