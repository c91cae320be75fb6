#include "bench/enrol/spent.hpp"

#include "api/desk.hpp"
#include "bench/enrol/stock.hpp"
#include "enrol/pake_verifier.hpp"

#include <array>

namespace adaos::bench {
namespace {

/// The numbers 1 to ?1, each with `m`, its bits mixed by Knuth's multiplicative hash so that keys
/// made of it arrive in the order of random ones. (?5 is named so that all fillings bind the same.)
constexpr char const* numbers =
    "WITH RECURSIVE count(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM count WHERE i < ?1), "
    "n AS (SELECT i, (i * 2654435761) & 4294967295 AS m FROM count WHERE ?5 <> '') ";

// ids of row i: a UUID each, the third group says of what.
#define NODE_ID "printf('%08x-%04x-4000-8000-%012x', m, i & 65535, i)"
#define GRANT_ID "printf('%08x-%04x-4001-8000-%012x', m, i & 65535, i)"

/// ?2: the subnet, ?3: now in ms, ?4: a code's verifier, ?5: a certificate in PEM.
constexpr std::array fillings{
    "INSERT INTO nodes (node_id, subnet_id, role, name, hostname, zone, spki_sha256, issued_by, "
    "created_at, updated_at, first_hello_at, last_seen_at, enrolment, architecture) "
    "SELECT " NODE_ID
    ", ?2, 'member', 'old-' || i, 'old-' || i, '', lower(hex(randomblob(32))), "
    "'root', ?3 - 86400000, ?3 - 86400000, ?3 - 86400000, ?3 - 86400000, 'active', 'amd64' FROM n",

    "INSERT INTO grants (id, kind, form, secret_mac, prefix8, slot, verifier, subnet_id, bind_key, "
    "bind_name, bind_node_id, bind_arch, claims_json, alloc_json, note, max_uses, uses, "
    "created_at, expires_at, created_by, created_from) "
    "SELECT " GRANT_ID
    ", iif(i & 1, 'member', 'node'), iif(i & 1, 'code', 'token'), randomblob(32), "
    "iif(i & 1, '', printf('%08x', m)), iif(i & 1, "
    "substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 1 + ((m >> 8) & 31), 1) || "
    "substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 1 + ((m >> 16) & 31), 1), ''), "
    "iif(i & 1, ?4, NULL), ?2, '', '', '', '', '', '', '', 1, 1, ?3 - 90000000 + i, "
    "?3 - 86400000 + i, 'bench', '' FROM n",

    "INSERT INTO redemptions (id, grant_id, node_id, attempt_hash, spki_sha256, certificate_pem, "
    "source, at, sealed_at) "
    "SELECT printf('%08x-%04x-4002-8000-%012x', m, i & 65535, i), " GRANT_ID ", " NODE_ID
    ", randomblob(32), lower(hex(randomblob(32))), ?5, '192.0.2.1', ?3 - 86400000, ?3 - 86399000 "
    "FROM n",

    "INSERT INTO audit (seq, at, event, actor, grant_id, node_id, detail, prev_hash, hash) "
    "SELECT 2 * i - 1, ?3 - 90000000, 'minted', 'bench', " GRANT_ID
    ", '', 'member', randomblob(32), randomblob(32) FROM n",

    "INSERT INTO audit (seq, at, event, actor, grant_id, node_id, detail, prev_hash, hash) "
    "SELECT 2 * i, ?3 - 86400000, 'redeemed', '192.0.2.1', " GRANT_ID ", " NODE_ID
    ", 'old-' || i, randomblob(32), randomblob(32) FROM n",
};
#undef NODE_ID
#undef GRANT_ID

/// For the filling alone: what fails is thrown away.
constexpr char const* in_a_hurry =
    "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-1000000;"
    "PRAGMA wal_autocheckpoint=0";

/// As long as a member's leaf.
constexpr std::size_t certificate_bytes = 850;

}  // namespace

Result<void> add_spent_grants(root::RootDir const& dir, std::int64_t count) {
    SystemRandom random;
    SystemClock clock;
    auto files = api::open_desk_files(dir.database(), dir.mac_key(), random);
    if (files.has_error()) return files.error();
    auto& db = files->database;
    if (auto set = db.execute(in_a_hurry); set.has_error()) return set;
    auto const verifier = enrol::PakeVerifier::fake(files->mac_key, "AB").to_blob();
    std::string const certificate(certificate_bytes, 'x');
    auto const filled = db.transaction<void>([&]() -> Result<void> {
        for (auto const* const filling : fillings) {
            auto put = db.prepare(std::string(numbers) + filling);
            put.bind(1, count).bind(2, std::string_view(subnet_id));
            put.bind(3, to_millis(clock.wall())).bind(4, std::span<std::byte const>(verifier));
            put.bind(5, std::string_view(certificate));
            if (auto done = put.run(); done.has_error()) return done;
        }
        return Result<void>();
    });
    if (filled.has_error()) return filled;
    auto fold = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    auto const folded = fold.step();
    return folded.has_error() ? Result<void>(folded.error()) : Result<void>();
}

}  // namespace adaos::bench
