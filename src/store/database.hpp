#pragma once
/// SQLite, thin: one connection, statements, transactions. Times are milliseconds since the epoch.

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;

namespace adaos::store {

/// One prepared statement in use. Reset and given back to the connection's cache at the end; the
/// Database outlives it.
class Statement {
public:
    Statement(Statement&&) noexcept;
    ~Statement();
    /// 1-based. Text and blobs are copied. An index that is not in the statement is a bug and ends
    /// the process. Between a row and the end of the rows nothing can be bound.
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::string_view value);
    Statement& bind(int index, std::span<std::byte const> value);
    Statement& bind(int index, std::nullptr_t);
    template <class T>
    Statement& bind(int index, std::optional<T> const& value) {
        if (value) return bind(index, *value);
        return bind(index, nullptr);
    }
    /// True: a row is there. False: the end; the statement is ready to be bound and run again, with
    /// what was bound still there. Errors: state_unreadable (locked past the busy timeout, too),
    /// disk_full, permission, state_damaged, or `constraint` (see is_constraint).
    [[nodiscard]] Result<bool> step();
    /// For statements without rows: to the end, at once.
    [[nodiscard]] Result<void> run();
    /// Of the row that is there, from 0; NULL reads as 0 or empty.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] Bytes blob(int column) const;
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class Database;
    Statement(sqlite3* db, sqlite3_stmt* stmt, bool* in_use, int failure);
    sqlite3* db_;
    sqlite3_stmt* stmt_;
    bool* in_use_;  ///< of the cache's entry; null: this object's own, finalised at the end
    int failure_;   ///< SQLite's code when it could not be prepared or bound: step reports it
};

/// A unique or foreign key said no: the caller's rule was broken, not the store.
[[nodiscard]] bool is_constraint(Error const& e) noexcept;

class Database {
public:
    /// WAL, synchronous=FULL, foreign_keys=ON, busy timeout 5 s; quick_check at open. The file is
    /// 0600. `path` ":memory:" for tests. Errors: state_damaged (names the file), state_unreadable,
    /// permission, disk_full. Not opened a second time in one process while it is being created.
    static Result<Database> open(std::filesystem::path const& path);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// Runs `steps[n..]` whose index is not below user_version, each in one transaction with its
    /// version bump. Errors: state_too_new when user_version is beyond the list.
    [[nodiscard]] Result<void> migrate(std::span<char const* const> steps);
    /// Any number of statements without values. Errors: as Statement::step.
    [[nodiscard]] Result<void> execute(char const* sql);
    /// One statement. A syntax error is a bug and ends the process with a message; any other
    /// failure (locked, damaged) is what the statement's `step` then returns.
    [[nodiscard]] Statement prepare(std::string_view sql);
    [[nodiscard]] std::int64_t changes() const;

    /// BEGIN IMMEDIATE, `body`, COMMIT; ROLLBACK when body returns an error (which is returned) or
    /// throws. One inside another is a bug and ends the process. In a group it is a part of the
    /// group's transaction: what it wrote is there for those after it, and durable with all of
    /// theirs, or not at all, when the group ends.
    template <class T>
    [[nodiscard]] Result<T> transaction(std::function<Result<T>()> const& body) {
        if (auto begun = begin(); begun.has_error()) return begun.error();
        Rollback unless_committed{*this};
        auto result = body();
        if (result.has_error()) return result;
        if (auto done = commit(); done.has_error()) return done.error();
        unless_committed.needed = false;
        return result;
    }

    /// From here to `end_group` all transactions are one (so one fsync), begun by the first of
    /// them, and each a savepoint in it: one that fails takes back its own writes alone. One group
    /// at a time.
    void begin_group();
    /// Commits what the group wrote. On an error none of it is there. Errors: as Statement::step.
    [[nodiscard]] Result<void> end_group();
    /// SQLite has rolled all of the group back (a full disk can make it); it is to be ended now.
    [[nodiscard]] bool is_group_lost() const noexcept;

private:
    struct Parts;
    struct Rollback {
        Database& database;
        bool needed = true;
        ~Rollback() {
            if (needed) database.rollback();
        }
    };
    explicit Database(std::unique_ptr<Parts> parts);
    [[nodiscard]] Result<void> begin();
    [[nodiscard]] Result<void> commit();
    void rollback() noexcept;
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::store
