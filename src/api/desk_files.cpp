#include "api/desk.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

namespace adaos::api {

Result<DeskFiles> open_desk_files(std::filesystem::path const& database,
                                  std::filesystem::path const& mac_key, Random& random) {
    auto stored = store::read_secret(mac_key);
    if (!stored) return stored.error();
    Bytes key;
    if (*stored) {
        auto const decoded = from_hex(trim(**stored));
        if (!decoded || decoded->size() != 32)
            return Error(Problem::state_damaged, mac_key.string());
        key = *decoded;
    } else {
        key.resize(32);
        random.fill(key);
        auto written = store::write_file(mac_key, to_hex(key) + "\n", store::Mode::secret);
        if (!written) return written.error();
    }
    auto db = store::Database::open(database);
    if (!db) return db.error();
    if (auto migrated = db->migrate(registry::schema()); !migrated) return migrated.error();
    return DeskFiles{std::move(*db), std::move(key)};
}

}  // namespace adaos::api
