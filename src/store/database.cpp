#include "store/database.hpp"

#include "store/descriptor.hpp"
#include "store/file_error.hpp"
#include "store/sqlite_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <unordered_map>

namespace adaos::store {
namespace {

constexpr char const* in_memory = ":memory:";
constexpr int busy_timeout_ms = 5000;
constexpr int busy_retry_ms = 20;
/// What a savepoint keeps to go back to stays in memory: the pages that a group of jobs changes, 8
/// MiB of 64 joins. SQLite's own 64 KiB are full after two jobs, and each page more is a write to a
/// temporary file: 40 a join. No size between: SQLite 3.40 spills all of it in one write, and a
/// write of 128 KiB or more fails as if the disk were full.
constexpr int never_spill = -1;
/// Statements kept prepared; more different ones than this are prepared anew each time.
constexpr std::size_t max_cached = 256;

/// Makes a missing file with its final mode before SQLite would with the umask's; -wal and -shm
/// inherit it. A present one is narrowed by name: opening and closing it here would drop the locks
/// that another connection of this process holds (POSIX locks belong to the process).
Result<void> prepare_file(std::filesystem::path const& path) {
    Descriptor made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           S_IRUSR | S_IWUSR));
    if (made.is_open()) {
        if (::fchmod(made.get(), S_IRUSR | S_IWUSR) != 0) return file_error(errno, "open", path);
        return {};
    }
    if (errno != EEXIST) return file_error(errno, "open", path);
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return file_error(errno, "open", path);
    if (!S_ISREG(info.st_mode))
        return Error(Problem::state_unreadable, "open " + path.string() + ": not a regular file");
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0 && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
        return file_error(errno, "narrow", path);
    return {};
}

Result<void> exec(sqlite3* db, char const* sql, std::string_view what) {
    auto const code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return sqlite_error(code, db, what);
    return {};
}

/// The first column of the first row, as text.
Result<std::string> ask(sqlite3* db, char const* sql) {
    sqlite3_stmt* raw = nullptr;
    auto code = sqlite3_prepare_v2(db, sql, -1, &raw, nullptr);
    StatementHandle const statement(raw);
    if (code == SQLITE_OK) code = sqlite3_step(raw);
    if (code != SQLITE_ROW) return sqlite_error(code, db, "open");
    auto const* const text = sqlite3_column_text(raw, 0);
    return std::string(text == nullptr ? "" : reinterpret_cast<char const*>(text));
}

/// Switching a new file to WAL needs it exclusively, and SQLite does not wait for that by itself.
Result<std::string> switch_to_wal(sqlite3* db) {
    for (int waited = 0;; waited += busy_retry_ms) {
        auto mode = ask(db, "PRAGMA journal_mode=WAL");
        bool const busy = mode.has_error() && (sqlite3_errcode(db) & 0xff) == SQLITE_BUSY;
        if (!busy || waited >= busy_timeout_ms) return mode;
        sqlite3_sleep(busy_retry_ms);
    }
}

Result<void> configure(sqlite3* db, bool is_file) {
    sqlite3_busy_timeout(db, busy_timeout_ms);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    auto const mode = switch_to_wal(db);
    if (mode.has_error()) return mode.error();
    if (is_file && *mode != "wal")
        return Error(Problem::state_unreadable,
                     std::string("open ") + sqlite3_db_filename(db, "main") +
                         ": this file system cannot hold a write-ahead log");
    auto set = exec(db,
                    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                    // In KiB, taken as pages are read: the inner pages of all indices over a
                    // million nodes and grants, some 2000 of 4 KiB, and the leaves in use.
                    "PRAGMA journal_size_limit=16777216; PRAGMA cache_size=-32768",
                    "open");
    if (set.has_error()) return set;
    auto const verdict = ask(db, "PRAGMA quick_check(1)");
    if (verdict.has_error()) return verdict.error();
    if (*verdict != "ok") {
        char const* const file = sqlite3_db_filename(db, "main");
        return Error(Problem::state_damaged,
                     std::string("open ") + (file == nullptr ? "" : file) + ": " + *verdict);
    }
    return {};
}

Error group_lost() {
    return Error(Problem::state_unreadable, "a failure took back all that was to be committed");
}

bool is_blank(char const* text) {
    return std::string_view(text).find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

}  // namespace

struct Database::Parts {
    struct Cached {
        StatementHandle statement;
        bool in_use = false;
    };
    SqliteHandle db;
    bool is_grouped = false;      ///< between begin_group and end_group
    bool has_begun = false;       ///< the group's transaction, by its first writer
    bool in_transaction = false;  ///< of the caller's: inside its body
    /// Declared after `db`: finalised before it closes. Entries never move and
    /// never leave.
    std::unordered_map<std::string, Cached> cache;
};

Database::Database(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(std::filesystem::path const& path) {
    // Of the process, and possible only before its first use of SQLite.
    static int const configured = sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, never_spill);
    if (configured != SQLITE_OK) return sqlite_error(configured, nullptr, "configure");
    bool const is_file = path != in_memory;
    if (is_file)
        if (auto ready = prepare_file(path); ready.has_error()) return ready.error();
    sqlite3* raw = nullptr;
    // NOMUTEX: a connection is used by one thread at a time, and by its owner alone.
    auto const code = sqlite3_open_v2(
        path.c_str(), &raw,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        nullptr);
    auto parts = std::make_unique<Parts>();
    parts->db.reset(raw);
    if (code != SQLITE_OK) return with_context(sqlite_error(code, raw, "open"), path.string());
    if (auto set = configure(raw, is_file); set.has_error()) return set.error();
    return Database(std::move(parts));
}

Result<void> Database::execute(char const* sql) {
    return exec(parts_->db.get(), sql, "run");
}

Statement Database::prepare(std::string_view sql) {
    auto* const db = parts_->db.get();
    std::string key(sql);
    auto const found = parts_->cache.find(key);
    if (found != parts_->cache.end() && !found->second.in_use) {
        found->second.in_use = true;
        return {db, found->second.statement.get(), &found->second.in_use, SQLITE_OK};
    }
    bool const keep = found == parts_->cache.end() && parts_->cache.size() < max_cached;
    sqlite3_stmt* raw = nullptr;
    char const* rest = "";
    auto const code = sqlite3_prepare_v3(db, key.c_str(), static_cast<int>(key.size() + 1),
                                         keep ? SQLITE_PREPARE_PERSISTENT : 0U, &raw, &rest);
    if ((code & 0xff) == SQLITE_ERROR)
        bug("prepare: " + std::string(sqlite3_errmsg(db)) + " in " + key);
    if (code != SQLITE_OK) return {db, nullptr, nullptr, code};
    if (raw == nullptr || !is_blank(rest)) bug("prepare: not exactly one statement: " + key);
    if (!keep) return {db, raw, nullptr, SQLITE_OK};
    auto& entry = parts_->cache[std::move(key)];
    entry.statement.reset(raw);
    entry.in_use = true;
    return {db, raw, &entry.in_use, SQLITE_OK};
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(parts_->db.get());
}

Result<void> Database::begin() {
    auto& p = *parts_;
    if (p.in_transaction) bug("a transaction inside a transaction");
    bool const is_outside = sqlite3_get_autocommit(p.db.get()) != 0;
    if (is_group_lost()) return group_lost();
    if (!is_outside && !p.has_begun) bug("a transaction inside a transaction");
    if (is_outside)
        if (auto begun = execute("BEGIN IMMEDIATE"); begun.has_error()) return begun;
    if (p.is_grouped) {
        p.has_begun = true;
        if (auto marked = prepare("SAVEPOINT one").run(); marked.has_error()) return marked;
    }
    p.in_transaction = true;
    return {};
}

Result<void> Database::commit() {
    if (!parts_->is_grouped) {
        auto done = execute("COMMIT");
        if (done.has_value()) parts_->in_transaction = false;
        return done;
    }
    if (is_group_lost()) return group_lost();
    auto done = prepare("RELEASE one").run();
    if (done.has_value()) parts_->in_transaction = false;
    return done;
}

void Database::rollback() noexcept {
    auto& p = *parts_;
    p.in_transaction = false;
    // A full disk or an I/O error may have rolled back already.
    if (sqlite3_get_autocommit(p.db.get()) != 0) return;
    char const* const undo = p.is_grouped ? "ROLLBACK TO one; RELEASE one" : "ROLLBACK";
    auto const code = sqlite3_exec(p.db.get(), undo, nullptr, nullptr, nullptr);
    // What is half undone must not be committed with the others'.
    if (p.is_grouped && code != SQLITE_OK)
        sqlite3_exec(p.db.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::begin_group() {
    if (parts_->is_grouped || parts_->in_transaction) bug("a group inside a transaction");
    parts_->is_grouped = true;
    parts_->has_begun = false;
}

Result<void> Database::end_group() {
    bool const is_lost = is_group_lost();
    bool const is_empty = !parts_->has_begun;
    parts_->is_grouped = false;
    parts_->has_begun = false;
    if (is_lost) return group_lost();
    if (is_empty) return {};
    auto done = execute("COMMIT");
    if (done.has_error()) rollback();
    return done;
}

bool Database::is_group_lost() const noexcept {
    return parts_->has_begun && sqlite3_get_autocommit(parts_->db.get()) != 0;
}

Result<void> Database::migrate(std::span<char const* const> steps) {
    auto const version = [this]() -> Result<std::int64_t> {
        auto query = prepare("PRAGMA user_version");
        auto const row = query.step();
        if (row.has_error()) return row.error();
        return query.integer(0);
    };
    for (;;) {
        auto const found = version();
        if (found.has_error()) return found.error();
        auto const last = static_cast<std::int64_t>(steps.size());
        if (*found > last || *found < 0)
            return Error(Problem::state_too_new, "schema version " + std::to_string(*found) +
                                                     ", this program knows " +
                                                     std::to_string(last));
        if (*found == last) return {};
        auto const done = transaction<void>([&]() -> Result<void> {
            // Asked again under the lock: another process may have been faster.
            auto const now = version();
            if (now.has_error()) return now.error();
            if (*now != *found) return {};
            auto const* const step = steps[static_cast<std::size_t>(*now)];
            if (auto made = execute(step); made.has_error()) return made;
            return execute(("PRAGMA user_version=" + std::to_string(*now + 1)).c_str());
        });
        if (done.has_error())
            return with_context(done.error(), "migrate to " + std::to_string(*found + 1));
    }
}

}  // namespace adaos::store
