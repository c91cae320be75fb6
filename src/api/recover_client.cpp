#include "api/recover_client.hpp"

namespace adaos::api {

net::Task<Result<std::string>> ask_recovery(net::Env env, net::Url base, net::TlsTrust trust,
                                            RecoverAsk ask) {
    net::Fetch request;
    request.method = "POST";
    request.url = std::move(base);
    while (request.url.path.ends_with('/')) request.url.path.pop_back();
    request.url.path += "/v1/enrol/recover";
    request.fields.add("Content-Type", "application/json");
    request.body = to_json(ask);
    request.trust = std::move(trust);
    request.clock = &env.clock;
    auto const reply = co_await net::fetch(env.network, env.timers, std::move(request));
    if (!reply) co_return with_context(reply.error(), "recovery");
    if (reply->head.status / 100 != 2)
        co_return with_context(problem_in(reply->head.status, reply->body), "recovery");
    co_return parse_recover_answer(reply->body);
}

}  // namespace adaos::api
