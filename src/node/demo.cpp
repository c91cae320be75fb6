#include "node/demo.hpp"

#include "base/problem.hpp"
#include "net/asio_network.hpp"
#include "net/fetch.hpp"
#include "node/child.hpp"
#include "node/demo_json.hpp"
#include "store/atomic_file.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>

namespace adaos::node {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds step_limit{15};

volatile std::sig_atomic_t interrupted = 0;  // a signal handler can reach nothing else

/// The folder of the demo's state; goes at the end unless it was asked for.
class Folder {
public:
    static Result<Folder> make(std::optional<std::string> const& keep) {
        if (keep) {
            if (auto made = store::make_private_folder(*keep); !made) return made.error();
            return Folder(fs::absolute(*keep), true);
        }
        auto pattern = (fs::temp_directory_path() / "adaos-demo-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            return Error(Problem::state_unreadable, "no temporary folder at " + pattern);
        return Folder(pattern, false);
    }
    Folder(Folder&& other) noexcept : path(std::move(other.path)), keep_(other.keep_) {
        other.keep_ = true;
    }
    ~Folder() {
        std::error_code ignored;
        if (!keep_) fs::remove_all(path, ignored);
    }
    fs::path path;

private:
    Folder(fs::path p, bool keep) : path(std::move(p)), keep_(keep) {}
    bool keep_;
};

/// One request through Root, trusting nothing but its pin.
Result<net::Reply> get(std::string const& url, std::string const& pin) {
    auto parsed = net::parse_url(url);
    if (!parsed) return parsed.error();
    boost::asio::io_context loop(1);
    net::AsioTimers timers(loop.get_executor());
    net::AsioNetwork network(loop.get_executor(), timers);
    net::Fetch request;
    request.url = std::move(*parsed);
    request.trust.ca_fingerprint = pin;
    Result<net::Reply> reply = Error(Problem::internal, "no answer");
    boost::asio::co_spawn(loop, net::fetch(network, timers, std::move(request)),
                          [&reply](std::exception_ptr failed, Result<net::Reply> got) {
                              if (!failed) reply = std::move(got);
                          });
    loop.run();
    return reply;
}

class Demo {
public:
    explicit Demo(fs::path folder)
        : folder_(std::move(folder)), bin_(fs::read_symlink("/proc/self/exe").parent_path()) {}

    Result<void> bring_up();
    Result<void> request_each();
    void print_addresses() const;
    void stop() noexcept {
        for (auto& child : children_) child.ask_to_end();
        children_.clear();
    }
    [[nodiscard]] bool all_running() {
        for (auto& child : children_)
            if (!child.running()) return false;
        return true;
    }

private:
    using Argv = std::vector<std::string>;

    Result<std::string> adaos(std::string const& who, Argv args, Variables env = {}) const;
    Result<void> start(std::string const& who, Argv argv);
    Result<void> start_node(std::string const& who);
    Result<std::string> url_of(std::string const& who) const;
    Result<void> wait_connected(std::string const& who);
    Result<void> join(std::string const& who, Argv code_flags, std::string const& root);
    void say(std::string const& line) const { std::cerr << "demo: " << line << std::endl; }

    fs::path folder_;
    fs::path bin_;
    std::vector<Child> children_;
    std::string root_url_, pin_, subnet_;
    std::vector<std::pair<std::string, std::string>> places_;  ///< label, URL through Root
};

Result<std::string> Demo::adaos(std::string const& who, Argv args, Variables env) const {
    Argv argv{(bin_ / "adaos").string(), "--base-dir", (folder_ / who).string()};
    argv.insert(argv.end(), args.begin(), args.end());
    auto done = run_command(argv, env, step_limit);
    if (!done) return done.error();
    if (done->exit_code != 0)
        return Error(Problem::internal, "adaos " + args[0] + " " + args[1] + " on " + who +
                                            " exited " + std::to_string(done->exit_code) + ": " +
                                            done->output);
    // stderr came along: the answer starts at the first brace.
    auto const brace = done->output.find('{');
    return brace == std::string::npos ? done->output : done->output.substr(brace);
}

Result<void> Demo::start(std::string const& who, Argv argv) {
    auto child = Child::start(argv, {}, folder_ / (who + ".log"));
    if (!child) return child.error();
    children_.push_back(std::move(*child));
    auto const file = folder_ / who / "state" / "serve.json";
    auto const until = std::chrono::steady_clock::now() + step_limit;
    while (std::chrono::steady_clock::now() < until) {
        if (fs::exists(file)) return {};
        if (!children_.back().running()) break;
        std::this_thread::sleep_for(milliseconds(5));
    }
    auto const log = store::read_file(folder_ / (who + ".log"));
    return Error(Problem::internal,
                 who + " did not start: " + (log && *log ? **log : std::string("no log")));
}

Result<void> Demo::start_node(std::string const& who) {
    return start(who, {(bin_ / "adaos").string(), "--base-dir", (folder_ / who).string(), "api",
                       "serve", "--port", "0"});
}

Result<std::string> Demo::url_of(std::string const& who) const {
    auto const text = store::read_file(folder_ / who / "state" / "serve.json");
    if (!text) return text.error();
    if (!*text) return Error(Problem::node_not_running, who);
    auto facts = parse_serve_facts(**text);
    if (!facts) return facts.error();
    return facts->url;
}

Result<void> Demo::wait_connected(std::string const& who) {
    auto const until = std::chrono::steady_clock::now() + step_limit;
    std::string cause;
    while (std::chrono::steady_clock::now() < until && interrupted == 0) {
        auto const text = adaos(who, {"node", "status", "--json"});
        if (!text) return text.error();
        auto const status = parse_status_facts(*text);
        if (!status) return status.error();
        if (status->connected) return {};
        cause = status->cause;
        std::this_thread::sleep_for(milliseconds(20));
    }
    return Error(Problem::timed_out, who + " is not connected: " + cause);
}

Result<void> Demo::join(std::string const& who, Argv code_flags, std::string const& root) {
    Argv create{"hub", "join-code", "create", "--json"};
    create.insert(create.end(), code_flags.begin(), code_flags.end());
    auto const text = adaos("hub", create);
    if (!text) return text.error();
    auto const code = parse_code_facts(*text);
    if (!code) return code.error();
    subnet_ = code->subnet_id;
    say(who + " joins with the code " + code->code + " at " + root);
    Argv args{"node", "join", "--root", root, "--json"};
    if (root.starts_with("https")) args.insert(args.end(), {"--ca-fingerprint", pin_});
    auto const joined = adaos(who, args, {{"ADAOS_JOIN_CODE", code->code}});
    if (!joined) return joined.error();
    auto const facts = parse_status_facts(*joined);
    if (!facts) return facts.error();
    if (auto up = start_node(who); !up) return up;
    if (auto linked = wait_connected(who); !linked) return linked;
    places_.emplace_back(who, root_url_ + "/hubs/" + subnet_ + "/nodes/" + facts->node_id + "/");
    return {};
}

Result<void> Demo::bring_up() {
    say("starting Root");
    auto up = start("root", {(bin_ / "adaos-root").string(), "serve", "--base-dir",
                             (folder_ / "root").string(), "--port", "0"});
    if (!up) return up;
    auto const url = url_of("root");
    if (!url) return url.error();
    root_url_ = *url;
    auto const pem = store::read_file(folder_ / "root" / "keys" / "root_ca.pem");
    if (!pem) return pem.error();
    auto const ca = pki::Certificate::from_pem(pem->value_or(""));
    if (!ca) return ca.error();
    pin_ = ca->fingerprint();

    say("registering a hub at " + root_url_);
    auto const init = adaos("hub", {"dev", "root", "init", "--root", root_url_, "--token-file",
                                    (folder_ / "root" / "keys" / "root_token").string(),
                                    "--ca-fingerprint", pin_, "--json"});
    if (!init) return init.error();
    up = start_node("hub");
    if (!up) return up;
    up = wait_connected("hub");
    if (!up) return up;
    auto const hub_url = url_of("hub");
    if (!hub_url) return hub_url.error();

    up = join("member-1", {}, root_url_);
    if (!up) return up;
    up = join("member-2", {"--local"}, *hub_url);
    if (!up) return up;
    places_.insert(places_.begin(), {"hub", root_url_ + "/hubs/" + subnet_ + "/"});
    return {};
}

Result<void> Demo::request_each() {
    for (auto const& [label, url] : places_) {
        auto const reply = get(url + "api/ping", pin_);
        if (!reply) return with_context(reply.error(), label);
        if (reply->head.status != 200)
            return Error(Problem::bad_answer,
                         label + ": " + std::to_string(reply->head.status) + " " + reply->body);
        say(label + " answers through Root: " + std::string(trim(reply->body)));
    }
    return {};
}

void Demo::print_addresses() const {
    std::cout
        << "\nA subnet is up on this machine. Every node answers through Root's one address:\n";
    for (auto const& [label, url] : places_)
        std::cout << "  " << label << std::string(10 - label.size(), ' ') << url << '\n';
    std::cout << "\nLook at one:\n  curl --cacert " << (folder_ / "root/keys/root_ca.pem").string()
              << ' ' << places_.back().second << "api/ping\n"
              << "(a browser warns about the certificate: its CA was made a moment ago)\n";
}

extern "C" void on_interrupt(int) {
    interrupted = 1;
}

}  // namespace

Result<int> run_demo(DemoOptions const& options) {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
    auto folder = Folder::make(options.keep);
    if (!folder) return folder.error();
    auto const began = std::chrono::steady_clock::now();
    Demo demo(folder->path);
    auto done = demo.bring_up();
    if (done) done = demo.request_each();
    if (!done && interrupted == 0) {
        demo.stop();
        return done.error();
    }
    auto const took =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    if (interrupted == 0) {
        demo.print_addresses();
        std::cout << "\nUp after " << took.count() << " ms.";
        if (!options.check) std::cout << " Ctrl-C stops everything and removes it.";
        std::cout << std::endl;
    }
    while (!options.check && interrupted == 0) {
        std::this_thread::sleep_for(milliseconds(100));
        if (!demo.all_running()) {
            demo.stop();
            return Error(Problem::internal, "one of the demo's processes ended by itself");
        }
    }
    demo.stop();
    return 0;
}

}  // namespace adaos::node
