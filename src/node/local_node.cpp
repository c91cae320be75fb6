#include "node/local_node.hpp"

#include "base/problem.hpp"
#include "identity/node_config.hpp"
#include "identity/runtime_state.hpp"
#include "net/network.hpp"
#include "node/answer.hpp"
#include "node/run_loop.hpp"
#include "store/atomic_file.hpp"

#include <signal.h>

#include <cerrno>

namespace adaos::node {
namespace {

constexpr std::chrono::seconds reload_limit{5};

bool is_alive(int pid) {
    return ::kill(pid, 0) == 0 || errno == EPERM;
}

Result<net::Url> loopback_url(std::string const& text, char const* source) {
    auto url = net::parse_url(text);
    if (!url) return with_context(url.error(), source);
    if (url->scheme != "http" || !net::is_loopback(url->host)) {
        return Error(Problem::invalid_field,
                     std::string(source) + ": the control token is only sent to http://127.0.0.1");
    }
    return url;
}

Result<net::Url> served_url(identity::BaseDir const& dir) {
    auto const text = store::read_file(dir.serve_json());
    if (!text) return text.error();
    if (!*text) return Error(Problem::node_not_running, dir.root.string());
    auto record = parse_serve_record(**text);
    if (!record) return with_context(record.error(), dir.state().string());
    if (!is_alive(record->pid)) {
        return Error(Problem::node_not_running,
                     dir.root.string() + ": process " + std::to_string(record->pid) + " is gone");
    }
    // Whatever it listens on, it is this machine.
    auto host = net::is_loopback(record->host) ? record->host : std::string("127.0.0.1");
    if (record->host == "::") host = "::1";
    return net::parse_url("http://" + net::Endpoint{host, record->port}.text());
}

Result<net::Url> control_url(Context& context, identity::BaseDir const& dir,
                             std::optional<std::string> const& control) {
    if (control) return loopback_url(*control, "--control");
    auto const set = context.env("ADAOS_CONTROL_URL");
    if (set && !set->empty()) return loopback_url(*set, "ADAOS_CONTROL_URL");
    return served_url(dir);
}

net::Task<Result<net::Reply>> fetch_once(RunLoop& loop, net::Fetch request) {
    co_return co_await net::fetch(loop.network(), loop.timers(), std::move(request));
}

}  // namespace

Result<LocalNode> find_local_node(Context& context, identity::BaseDir const& dir,
                                  std::optional<std::string> const& control) {
    auto url = control_url(context, dir, control);
    if (!url) return url.error();
    auto const runtime = identity::load_runtime(dir);
    if (!runtime) return runtime.error();
    return LocalNode{std::move(*url), runtime->token};
}

Result<void> require_hub(identity::BaseDir const& dir) {
    auto const config = identity::peek_config(dir);
    // A file that cannot be read is for those who need what is in it.
    if (!config || !*config || (*config)->role == identity::Role::hub) return {};
    return Error(Problem::not_a_hub, "it is a member of " + (*config)->subnet_id +
                                         ", whose hub is at " + (*config)->hub_url);
}

Result<net::Reply> call_node(LocalNode const& node, std::string method, std::string path,
                             std::string body, std::chrono::milliseconds timeout) {
    net::Fetch request;
    request.method = std::move(method);
    request.url = node.url;
    request.url.path = std::move(path);
    request.fields = json_fields();
    if (!node.token.empty()) request.fields.add("X-AdaOS-Token", node.token.reveal());
    request.body = std::move(body);
    request.timeout = timeout;
    RunLoop loop;
    auto reply = loop.run(fetch_once(loop, std::move(request)));
    if (!reply && reply.error().code == Problem::unreachable)
        return Error(Problem::node_not_running, reply.error().context);
    return reply;
}

Result<std::string> ask_node(LocalNode const& node, std::string method, std::string path,
                             std::string body, std::chrono::milliseconds timeout) {
    auto reply = call_node(node, std::move(method), std::move(path), std::move(body), timeout);
    if (!reply) return reply.error();
    if (reply->head.status / 100 == 2) return std::move(reply->body);
    if (is_problem(*reply)) return problem_of(*reply);
    return Error(Problem::bad_answer, "something else answers at " + node.url.origin() +
                                          ", with status " + std::to_string(reply->head.status));
}

Activation activate(Context& context, identity::BaseDir const& dir) {
    Activation out;
    auto const node = find_local_node(context, dir, std::nullopt);
    if (!node) {
        out.reason = node.error().code == Problem::node_not_running ? "the node is not running"
                                                                    : node.error().message();
        return out;
    }
    out.attempted = true;
    out.control = node->url.origin();
    auto const done = ask_node(*node, "POST", "/api/node/reload", "{}", reload_limit);
    out.ok = done.has_value();
    if (!done) out.reason = done.error().message();
    return out;
}

}  // namespace adaos::node
