#include "root/serve_command.hpp"

#include "api/serve_file.hpp"
#include "api/signals.hpp"
#include "base/problem.hpp"
#include "net/asio_network.hpp"
#include "store/atomic_file.hpp"

#include <boost/asio/io_context.hpp>

#include <iostream>

namespace adaos::root {
namespace {

/// How long exchanges under way may take to finish after SIGTERM.
constexpr std::chrono::seconds drain_grace{5};

Result<void> load_own_certificate(ServeOptions& options) {
    if (options.tls_cert_file.empty() != options.tls_key_file.empty())
        return Error(Problem::config_invalid, "--tls-cert and --tls-key go together");
    if (options.tls_cert_file.empty()) return {};
    auto const cert = store::read_file(options.tls_cert_file);
    auto const key = store::read_file(options.tls_key_file);
    if (!cert) return cert.error();
    if (!key) return key.error();
    if (!*cert) return Error(Problem::config_invalid, "--tls-cert " + options.tls_cert_file + " is not there");
    if (!*key) return Error(Problem::config_invalid, "--tls-key " + options.tls_key_file + " is not there");
    options.root.tls = net::TlsIdentity{**cert, Secret(**key)};
    return {};
}

net::Task<void> run_app(RootApp& app) { co_await app.run(); }
net::Task<void> stop_app(RootApp& app) { co_await app.stop(drain_grace); }

}  // namespace

Result<int> serve(ServeOptions options, Log log) {
    if (options.root.plain_http && !net::is_loopback(options.root.host) && !options.behind_proxy)
        return Error(Problem::config_invalid,
                     "--plain-http on " + options.root.host +
                         " would show everything to the network; use TLS, a loopback --host, or "
                         "--behind-proxy when a TLS proxy stands in front");
    if (auto loaded = load_own_certificate(options); !loaded) return loaded.error();
    auto const dir = options.root.dir;
    for (auto const& folder : {dir.root, dir.state()})
        if (auto made = store::make_private_folder(folder); !made) return made.error();
    auto const lock = store::FileLock::try_lock(dir.lock());
    if (!lock) return with_context(lock.error(), dir.root.string());

    boost::asio::io_context loop(1);
    SystemClock clock;
    SystemRandom random;
    net::AsioTimers timers(loop.get_executor());
    net::AsioNetwork network(loop.get_executor(), timers);
    net::Env env{loop.get_executor(), network, timers, clock, random, log};
    auto app = RootApp::open(std::move(env), std::move(options.root));
    if (!app) return app.error();
    auto& root = **app;
    auto written = api::write_serve_file(dir.serve_json(), root.local(), root.facts().public_url,
                                         clock.wall());
    if (!written) return written.error();

    std::cout << "adaos-root " ADAOS_VERSION " is serving\n"
              << "  URL             " << root.facts().public_url << '\n'
              << "  CA fingerprint  " << root.facts().ca_fingerprint << '\n'
              << "  Root token      in " << dir.token().string() << '\n'
              << "  Register a hub  adaos dev root init --root " << root.facts().public_url
              << " --token-file " << dir.token().string() << " --ca-fingerprint "
              << root.facts().ca_fingerprint << std::endl;
    auto const code = api::serve_until_signal(
        loop, [&root] { return run_app(root); }, [&root] { return stop_app(root); });
    api::remove_serve_file(dir.serve_json());
    log.info("stopped");
    return code;
}

}  // namespace adaos::root
