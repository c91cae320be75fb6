#pragma once
/// An agent's life. State A: it waits for its configuration and certificates, looking every few
/// seconds. State B, and from then on for good: it serves its peers over mTLS and reports to the
/// control plane.

#include "api/router.hpp"
#include "net/env.hpp"
#include "net/http_server.hpp"
#include "net/task_group.hpp"
#include "node/agent_material.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace adaos::node {

/// Between two looks in state A.
inline constexpr std::chrono::seconds agent_look_interval{5};

class AgentApp final : public net::Handler {
public:
    /// `ready` is told once, where the agent serves.
    AgentApp(net::Env env, std::filesystem::path config_path,
             std::function<void(AgentMaterial const&, net::Endpoint)> ready);

    /// Runs until `stop()`.
    net::Task<void> run();
    net::Task<void> stop();
    net::Task<void> handle(net::Exchange& exchange) override;

    [[nodiscard]] std::vector<api::Router::Route> const& routes() const noexcept {
        return router_.routes();
    }

private:
    Result<void> begin();
    net::Task<Result<bool>> renew_if_due();
    net::Task<void> beat();
    net::Task<Result<void>> report();
    void tell(char const* text, Result<void> const& result);

    net::Env env_;
    std::filesystem::path config_path_;
    std::function<void(AgentMaterial const&, net::Endpoint)> ready_;
    AgentMaterial material_;
    api::Router router_;
    std::unique_ptr<net::HttpServer> server_;
    std::map<std::string, std::string> told_;  ///< the last trouble that was logged, by text
    net::TaskGroup tasks_;
};

}  // namespace adaos::node
