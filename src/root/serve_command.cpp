#include "root/serve_command.hpp"

#include "api/serve_file.hpp"
#include "api/signals.hpp"
#include "base/problem.hpp"
#include "cli/spelling.hpp"
#include "net/asio_network.hpp"
#include "net/http_client.hpp"
#include "pki/certificate.hpp"
#include "store/atomic_file.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <ostream>

namespace adaos::root {
namespace {

/// How long exchanges under way may take to finish after SIGTERM.
constexpr std::chrono::seconds drain_grace{5};

/// A file that an option names. Links are followed: certbot's are links.
Result<std::string> read_named(std::string const& option, std::string const& file) {
    std::error_code failed;
    auto const path = std::filesystem::canonical(file, failed);
    if (failed)
        return Error(Problem::config_invalid, option + " " + file + ": " + failed.message());
    auto text = store::read_file(path);
    if (!text) return Error(Problem::config_invalid, option + ": " + text.error().context);
    return text->value_or("");
}

/// Errors: config_invalid.
Result<void> load_own_certificate(ServeOptions& options) {
    auto const& cert_file = options.tls_cert_file;
    auto const& key_file = options.tls_key_file;
    if (cert_file.empty() != key_file.empty())
        return Error(Problem::config_invalid, "--tls-cert and --tls-key go together");
    if (cert_file.empty()) return {};
    auto const chain = read_named("--tls-cert", cert_file);
    if (!chain) return chain.error();
    auto const pem = read_named("--tls-key", key_file);
    if (!pem) return pem.error();
    auto const cert = pki::Certificate::from_pem(*chain);
    if (!cert)
        return Error(Problem::config_invalid, "--tls-cert " + cert_file + " holds no certificate");
    auto const key = pki::Key::from_pem(Secret(*pem));
    if (!key)
        return Error(Problem::config_invalid,
                     "--tls-key " + key_file + " holds no key that opens without a passphrase");
    if (!cert->matches(*key))
        return Error(Problem::config_invalid, "--tls-key " + key_file +
                                                  " is not the key of the first "
                                                  "certificate in " +
                                                  cert_file);
    options.root.tls = net::TlsIdentity{*chain, Secret(*pem)};
    return {};
}

/// Errors: config_invalid.
Result<void> check_addresses(ServeOptions const& options) {
    auto const& root = options.root;
    if (root.plain_http && !net::is_loopback(root.host) && !options.behind_proxy)
        return Error(Problem::config_invalid,
                     "--plain-http on " + root.host +
                         " would show everything to the network; use TLS, a loopback --host, or "
                         "--behind-proxy when a TLS proxy stands in front");
    if (root.public_url.empty()) return {};
    auto const refused = [](std::string why) {
        return Error(Problem::config_invalid, "--public-url: " + std::move(why));
    };
    auto const url = net::parse_url(root.public_url);
    if (!url) return refused(url.error().context);
    if (url->path != "/") return refused("Root has an address of its own, without " + url->path);
    // Without TLS at either end nobody would send a token or a code there.
    if (url->scheme != "https" && !root.plain_http) return refused("this Root speaks https");
    if (url->scheme != "https" && !net::is_loopback(url->host))
        return refused("http is for loopback addresses; a TLS proxy's address is https");
    return {};
}

/// What the person who started Root needs next.
std::string banner(RootFacts const& facts, RootDir const& dir) {
    auto const token = dir.token().string();
    auto out = "adaos-root " ADAOS_VERSION " is serving\n  URL             " + facts.public_url +
               "\n  CA fingerprint  " + facts.ca_fingerprint + "\n  Root token      in " + token +
               "\n  Register a hub  adaos dev root init --root " + facts.public_url +
               " --token-file " + cli::shell_word(token);
    // A certificate from elsewhere is not ours to pin.
    if (!facts.tls_pin.empty()) out += " --ca-fingerprint " + facts.tls_pin;
    return out + '\n';
}

net::Task<void> run_app(RootApp& app) {
    co_await app.run();
}
net::Task<void> stop_app(RootApp& app) {
    co_await app.stop(drain_grace);
}

}  // namespace

Result<int> serve(ServeOptions options, std::ostream& out, Log log) {
    if (auto good = check_addresses(options); good.has_error()) return good.error();
    if (auto loaded = load_own_certificate(options); loaded.has_error()) return loaded.error();
    auto const life = enrol::parse_leaf_life(options.cert_life);
    if (!life) return with_context(life.error(), "--cert-life");
    options.root.cert_life = *life;
    auto const budget = enrol::parse_recovery_budget(options.recovery_budget);
    if (!budget) return with_context(budget.error(), "--recovery-budget");
    options.root.recovery_budget = *budget;
    auto const dir = options.root.dir;
    for (auto const& folder : {dir.root, dir.state()})
        if (auto made = store::make_private_folder(folder); !made) return made.error();
    auto const lock = store::FileLock::try_lock(dir.lock());
    if (!lock) return with_context(lock.error(), dir.root.string());

    boost::asio::io_context loop(1);
    api::StopSignals signals(loop);
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

    out << banner(root.facts(), dir) << std::flush;
    auto const code =
        signals.serve([&root] { return run_app(root); }, [&root] { return stop_app(root); });
    api::remove_serve_file(dir.serve_json());
    log.info("stopped");
    return code;
}

}  // namespace adaos::root
