#include "node/serve.hpp"

#include "api/serve_file.hpp"
#include "api/signals.hpp"
#include "net/asio_network.hpp"
#include "store/atomic_file.hpp"

#include <boost/asio/io_context.hpp>

#include <iostream>

namespace adaos::node {
namespace {

/// How long exchanges under way may take to finish after SIGTERM.
constexpr std::chrono::seconds drain_grace{5};

net::Task<void> run_app(NodeApp& app) {
    co_await app.run();
}
net::Task<void> stop_app(NodeApp& app) {
    co_await app.stop(drain_grace);
}

}  // namespace

Result<int> serve_node(NodeApp::Options options, Log log) {
    auto const dir = options.dir;
    auto const lock = store::FileLock::try_lock(dir.serve_lock());
    if (!lock) return with_context(lock.error(), dir.root.string());
    for (auto const& folder : {dir.root, dir.keys(), dir.state()}) store::remove_leftovers(folder);

    boost::asio::io_context loop(1);
    api::StopSignals signals(loop);
    SystemClock clock;
    SystemRandom random;
    net::AsioTimers timers(loop.get_executor());
    net::AsioNetwork network(loop.get_executor(), timers);
    net::Env env{loop.get_executor(), network, timers, clock, random, log};
    auto app = NodeApp::open(std::move(env), std::move(options));
    if (!app) return app.error();
    auto& node = **app;
    auto written = api::write_serve_file(dir.serve_json(), node.local(), node.url(), clock.wall());
    if (!written) return written.error();
    std::cout << "adaos " ADAOS_VERSION " " << role_name(node.config().role) << " of "
              << node.config().subnet_id << " is serving on " << node.url() << std::endl;
    auto const code =
        signals.serve([&node] { return run_app(node); }, [&node] { return stop_app(node); });
    api::remove_serve_file(dir.serve_json());
    log.info("stopped");
    return code;
}

}  // namespace adaos::node
