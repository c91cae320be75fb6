#include "node/command_connect.hpp"

#include "base/log.hpp"
#include "base/problem.hpp"
#include "net/pipe_stream.hpp"
#include "net/task_group.hpp"
#include "node/service_way.hpp"
#include "relay/pipe.hpp"

#include <boost/asio/this_coro.hpp>

#include <unistd.h>
#include <csignal>
#include <ostream>

namespace adaos::node {
namespace {

/// What a connection's task needs of the command; outlives it.
struct Connect {
    Context& context;
    RunLoop& loop;
    ServiceWay& way;
    Log log;
};

/// A stream's reads and writes, and how the first of them that broke did.
net::Task<Result<int>> on_stdio(Connect& connect) {
    auto const loop = co_await boost::asio::this_coro::executor;
    auto far = co_await connect.way.open(connect.loop);
    if (!far) co_return far.error();
    net::PipeStream near(loop, STDIN_FILENO, STDOUT_FILENO, net::PipeStream::Writer::closed_at_end);
    co_await relay::join_streams(near, **far, connect.log);
    co_await (*far)->close();
    co_return 0;
}

net::Task<void> carry(Connect& connect, net::StreamPtr near) {
    auto far = co_await connect.way.open(connect.loop);
    if (!far) {
        near->abort();
        (void)fail(connect.context, far.error());
        co_return;
    }
    co_await relay::join_streams(*near, **far, connect.log);
    co_await (*far)->close();
    co_await near->close();
}

std::string listening_text(Context const& context, net::Endpoint const& at) {
    if (!context.json) return "listening on " + at.text() + "; Ctrl-C ends it\n";
    return "{\"schema\":\"adaos.connect.v1\",\"host\":\"" + at.host +
           "\",\"port\":" + std::to_string(at.port) + "}\n";
}

net::Task<Result<int>> at_port(Connect& connect, std::uint16_t port) {
    auto const loop = co_await boost::asio::this_coro::executor;
    auto const checked = co_await connect.way.check(connect.loop);
    if (!checked) co_return checked.error();
    net::Endpoint at{"127.0.0.1", port};
    auto acceptor = connect.loop.network().listen(std::move(at));
    if (!acceptor) co_return acceptor.error();
    connect.context.out << listening_text(connect.context, (*acceptor)->local()) << std::flush;
    net::TaskGroup group(loop, connect.log);
    for (;;) {
        auto accepted = co_await (*acceptor)->accept();
        if (!accepted) break;
        group.spawn(carry(connect, std::move(accepted->stream)));
    }
    co_await group.stop();
    co_return 0;
}

net::Task<Result<int>> run(Connect& connect, ConnectOptions const& options) {
    if (!options.stdio) co_return co_await at_port(connect, options.listen.value_or(0));
    // Finds out whether `hub` is meant; for the rest the connection itself tells.
    auto const checked = co_await connect.way.check(connect.loop);
    if (!checked) co_return checked.error();
    co_return co_await on_stdio(connect);
}

}  // namespace

int command_connect(Context& context, ConnectOptions const& options) {
    if (options.stdio && (options.listen || context.json))
        return fail(context, Error(Problem::invalid_option,
                                   "--stdio: neither --listen nor --json "
                                   "goes with it"));
    auto way = ServiceWay::find(context, options);
    if (!way) return fail(context, way.error());
    std::signal(SIGPIPE, SIG_IGN);  // a write to a peer that left is an error, not our end
    StderrSink sink(StderrSink::Form::human, Level::warning);
    RunLoop loop;
    Connect connect{context, loop, *way, Log(sink)};
    auto const done = loop.run(run(connect, options));
    return done ? *done : fail(context, done.error());
}

}  // namespace adaos::node
