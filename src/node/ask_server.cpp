#include "node/ask_server.hpp"

#include "base/problem.hpp"
#include "node/answer.hpp"
#include "node/join_options.hpp"
#include "node/run_loop.hpp"

namespace adaos::node {
namespace {

/// It may be far.
constexpr std::chrono::seconds server_answer_limit{30};

net::Task<Result<net::Reply>> fetch_once(RunLoop& loop, net::Fetch request) {
    co_return co_await net::fetch(loop.network(), loop.timers(), std::move(request));
}

}  // namespace

Result<std::string> ask_server(Context& context, ServerTarget const& target, std::string method,
                               std::string path, std::string body) {
    auto url = parse_url_option("--server", *target.server);
    if (!url) return url.error();
    if (url->scheme != "https" && !net::is_loopback(url->host))
        return Error(Problem::invalid_option, "--server: a token goes over https only");
    auto const pin = parse_pin_option(target.ca_fingerprint, *url);
    if (!pin) return pin.error();
    auto const token = cli::read_secret(target.token, context.secret_ways());
    if (!token) return token.error();
    net::Fetch request;
    request.method = std::move(method);
    request.url = *url;
    request.url.path = std::move(path);
    request.fields = json_fields();
    request.fields.add("Authorization", "Bearer " + token->reveal());
    request.body = std::move(body);
    if (!pin->empty()) request.trust.ca_fingerprint = *pin;
    request.timeout = server_answer_limit;
    RunLoop loop;
    auto reply = loop.run(fetch_once(loop, std::move(request)));
    if (!reply) return reply.error();
    if (reply->head.status / 100 == 2) return std::move(reply->body);
    if (is_problem(*reply)) return problem_of(*reply);
    return Error(Problem::bad_answer, "something else answers at " + url->origin() +
                                          ", with status " + std::to_string(reply->head.status));
}

}  // namespace adaos::node
