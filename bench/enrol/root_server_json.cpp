#include "bench/enrol/root_server.hpp"

#include "api/desk.hpp"
#include "base/json.hpp"
#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace adaos::bench {
namespace {

constexpr std::chrono::milliseconds look_again{50};
constexpr std::chrono::minutes patience{5};

/// Where the process `pid` listens; absent: it does not yet.
std::optional<net::Url> where(root::RootDir const& dir, pid_t pid) {
    auto const text = store::read_file(dir.serve_json());
    if (text.has_error() || !*text) return std::nullopt;
    auto const json = parse_json(**text);
    if (json.has_error() || find_integer(*json, "pid") != pid) return std::nullopt;
    auto const url = net::parse_url(string_or_empty(*json, "url"));
    if (url.has_error()) return std::nullopt;
    return *url;
}

}  // namespace

Result<void> prepare_root(root::RootDir const& dir) {
    SystemClock clock;
    SystemRandom random;
    auto const ca = root::load_or_make_ca(dir, clock, random);
    if (ca.has_error()) return ca.error();
    auto const files = api::open_desk_files(dir.database(), dir.mac_key(), random);
    return files.has_error() ? Result<void>(files.error()) : Result<void>();
}

Result<std::unique_ptr<RootServer>> RootServer::start(std::string const& binary,
                                                      root::RootDir const& dir) {
    std::vector<std::string> words{binary, "serve", "--base-dir", dir.root, "--port", "0"};
    auto const log = (dir.root / "serve.log").string();
    std::unique_ptr<RootServer> server(new RootServer(std::move(words), log));
    auto const end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        if (auto const url = where(dir, server->process_.pid())) {
            server->url_ = *url;
            return server;
        }
        if (!server->process_.is_running() || std::chrono::steady_clock::now() > end)
            return Error(Problem::internal, "Root does not serve; see " + log);
        std::this_thread::sleep_for(look_again);
    }
}

double RootServer::cpu_seconds() const {
    std::ifstream file("/proc/" + std::to_string(process_.pid()) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    // Fields 14 and 15 (proc(5)); the second, a name in parentheses, may hold blanks.
    auto at = text.rfind(')');
    for (int field = 2; field < 14 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
    if (at == std::string::npos) return 0;
    std::size_t used = 0;
    auto const user = std::stod(text.substr(at), &used);
    auto const system = std::stod(text.substr(at + used));
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace adaos::bench
