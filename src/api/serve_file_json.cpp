#include "api/serve_file.hpp"
#include "base/json.hpp"
#include "store/atomic_file.hpp"

#include <unistd.h>

namespace adaos::api {

Result<void> write_serve_file(std::filesystem::path const& path, net::Endpoint const& at,
                              std::string const& url, WallTime started) {
    Json json;
    json["pid"] = static_cast<std::int64_t>(::getpid());
    json["host"] = at.host;
    json["port"] = at.port;
    json["url"] = url;
    json["started_at"] = rfc3339(started);
    return store::write_file(path, dump_pretty(json) + "\n", store::Mode::secret);
}

void remove_serve_file(std::filesystem::path const& path) noexcept {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
}

}  // namespace adaos::api
