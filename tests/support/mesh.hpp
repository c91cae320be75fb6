#pragma once
/// A whole world in one process: Root, hubs and members on a network in memory, their state in real
/// folders, time moved by hand. The same seed makes the same world.

#include "identity/node_config.hpp"
#include "net/env.hpp"
#include "net/fetch.hpp"
#include "support/log_lines.hpp"
#include "support/manual_timers.hpp"
#include "support/mesh_network.hpp"
#include "support/run.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace adaos::node {
class NodeApp;
}
namespace adaos::root {
class RootApp;
}

namespace adaos::test {

using namespace std::chrono_literals;

/// A machine that can be a hub or a member.
struct MeshNode {
    MeshNode(MeshNetwork& network, std::string host);
    ~MeshNode();
    [[nodiscard]] std::string const& name() const noexcept { return host.name(); }
    [[nodiscard]] bool runs() const noexcept { return app != nullptr; }
    // While it runs.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] net::Endpoint at() const;
    [[nodiscard]] identity::Role role() const;

    TempDir folder;
    identity::BaseDir dir;
    MeshHost host;
    LogLines log;
    std::string id;         ///< once it has a node.yaml
    std::string subnet_id;  ///< likewise
    std::string join_body;  ///< of its last join, to be sent again
    std::unique_ptr<node::NodeApp> app;
    std::optional<Pending<void>> running;
    std::optional<Pending<void>> stopping;
};

/// What a hub registers with. Its token is bound to `key`.
struct HubPapers {
    explicit HubPapers(std::string id);
    std::string node_id;
    pki::Key key;
    pki::Key issuer_key;
};

/// One small request. Through Root unless a function says otherwise.
struct Ask {
    std::string method = "GET";
    std::string path;
    std::string token = {};  ///< as a bearer; empty: none
    std::string body = {};
    net::Fields fields = {};
};

class Mesh {
public:
    static constexpr char const* root_host = "root.test";
    static constexpr char const* root_url = "https://root.test:8443";
    static constexpr char const* caller_host = "203.0.113.9";

    /// With Root running, nobody else.
    explicit Mesh(std::uint64_t seed = 1);
    /// Stops what runs.
    ~Mesh();
    Mesh(Mesh const&) = delete;
    Mesh& operator=(Mesh const&) = delete;

    // Time. Nothing happens outside of these.
    /// Runs what can run now.
    void settle();
    /// At most so many handlers of it.
    void turn(int turns);
    void pass(std::chrono::milliseconds time);
    /// The wall clocks of the world are set that much later; what looks at them notices as it
    /// looks.
    void jump(std::chrono::milliseconds time);
    /// Moves the time from timer to timer until `happened`; false when it did not within `limit`.
    bool until(std::function<bool()> const& happened, std::chrono::milliseconds limit = 60s);
    /// The same until the task ended. Throws when it does not.
    template <class T>
    T run(net::Task<T> task, std::chrono::milliseconds limit = 5min) {
        auto pending = loop.start(std::move(task));
        return finish(pending, limit);
    }
    template <class T>
    T finish(Pending<T>& pending, std::chrono::milliseconds limit = 5min) {
        until([&] { return pending.done(); }, limit);
        return pending.get();
    }
    /// What `task` comes to without any time passing.
    template <class T>
    T run_at_once(net::Task<T> task) {
        auto pending = loop.start(std::move(task));
        settle();
        return pending.get();
    }

    // Machines.
    void start_root();
    void stop_root();
    [[nodiscard]] bool root_runs() const noexcept { return root_ != nullptr; }
    /// While it runs.
    [[nodiscard]] root::RootApp const& root() const { return *root_; }
    /// Without a membership or an identity; not running.
    MeshNode& make_node(std::string host);
    void start(MeshNode& node);
    void stop(MeshNode& node);
    // The same in halves: nothing of it has run after the first one.
    void begin_start(MeshNode& node);
    void begin_stop(MeshNode& node);
    void end_stop(MeshNode& node);
    /// A hub, registered at Root and linked.
    MeshNode& add_hub(std::string host);
    /// A member, joined through Root, linked.
    MeshNode& add_member(std::string host, MeshNode& hub);

    // Membership (mesh_enrol.cpp).
    /// Registers and stores what Root answered. `wish`: a subnet id; empty: the node's provisional
    /// one.
    Result<void> register_hub(MeshNode& hub, std::string wish);
    net::Reply ask_bootstrap(HubPapers const& hub, std::string const& wish);
    net::Reply ask_register(HubPapers const& hub, std::string const& token);
    std::string make_code(MeshNode& hub, std::string const& mode = "root");
    /// As `adaos node join`: at Root's door unless `door` names another origin; `hub_url`, unless
    /// empty, is where the link will go.
    Result<void> join(MeshNode& node, std::string const& code, std::string const& door = root_url,
                      std::string const& hub_url = {});
    /// The last join once more, as a client that missed the answer sends it.
    net::Reply replay_join(MeshNode& node);
    /// As `adaos node delete` on the hub.
    void remove_from(MeshNode& hub, std::string const& node_id);
    std::string make_token(MeshNode& hub, std::string const& scope, std::string const& ttl = "1d");

    // Callers.
    Result<net::Reply> visit(Ask ask);
    net::Task<Result<net::Reply>> visiting(Ask ask);
    /// From the node's own machine, with its control token.
    Result<net::Reply> local(MeshNode& node, Ask ask);
    [[nodiscard]] std::string control_token(MeshNode& node);

    // State, as the API tells it.
    [[nodiscard]] std::string status(MeshNode& node, std::string const& field);
    [[nodiscard]] std::string member(MeshNode& hub, std::string const& node_id,
                                     std::string const& field);
    bool linked(MeshNode& node, std::chrono::milliseconds limit = 60s);
    [[nodiscard]] bool is_linked(MeshNode& node);
    [[nodiscard]] std::string pin() const;
    /// Root's base directory, its database, its root token.
    [[nodiscard]] std::filesystem::path const& root_folder() const { return root_folder_.path(); }
    [[nodiscard]] std::filesystem::path root_database() const;
    [[nodiscard]] std::string root_token();
    [[nodiscard]] net::Env env(MeshHost& host, LogLines& log);

    Loop loop;
    TestClock clock;
    ManualTimers timers;
    SeededRandom random;
    MeshNetwork network;
    MeshHost caller;
    MeshHost inside;  ///< loopback of every machine
    LogLines root_log;

private:
    TempDir root_folder_;
    MeshHost root_machine_;
    std::unique_ptr<root::RootApp> root_;
    std::optional<Pending<void>> root_running_;
    std::list<MeshNode> nodes_;
};

/// What stands at a dotted path ("link.phase"; numbers count in arrays): a string as it is,
/// anything else as JSON; "" when there is nothing.
[[nodiscard]] std::string json_at(std::string_view json, std::string_view path);
[[nodiscard]] std::string header(net::ResponseHead const& head, std::string_view name);

}  // namespace adaos::test
