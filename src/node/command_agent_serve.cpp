/// `adaos agent serve`

#include "api/signals.hpp"
#include "base/log.hpp"
#include "cli/process.hpp"
#include "net/asio_network.hpp"
#include "node/agent_app.hpp"
#include "node/agent_options.hpp"

#include <boost/asio/io_context.hpp>

#include <ostream>

namespace adaos::node {
namespace {

net::Task<void> run_agent(AgentApp& app) {
    co_await app.run();
}
net::Task<void> stop_agent(AgentApp& app) {
    co_await app.stop();
}

}  // namespace

int command_agent_serve(Context& context, AgentServeOptions const& options) {
    boost::asio::io_context loop(1);
    api::StopSignals signals(loop);
    cli::ignore_hangup();
    StderrSink sink(context.err_is_terminal ? StderrSink::Form::human : StderrSink::Form::json,
                    context.verbose ? Level::debug : Level::info);
    Log const log(sink);
    net::AsioTimers timers(loop.get_executor());
    net::AsioNetwork network(loop.get_executor(), timers);
    net::Env const env{loop.get_executor(), network, timers, context.clock, context.random, log};
    auto const ready = [&context](AgentMaterial const& material, net::Endpoint const& at) {
        context.out << "adaos " ADAOS_VERSION " agent " << material.config.node_name << " of "
                    << material.who.subnet_id << " is serving on https://" << at.text()
                    << std::endl;
    };
    AgentApp app(env, std::filesystem::absolute(options.config), ready);
    auto const code =
        signals.serve([&app] { return run_agent(app); }, [&app] { return stop_agent(app); });
    context.out.clear();  // its line there is a courtesy: serving was the result
    log.info("stopped");
    return code;
}

}  // namespace adaos::node
