#include "node/demo_subnet.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/fetch.hpp"
#include "node/demo_json.hpp"
#include "node/interrupts.hpp"
#include "node/run_loop.hpp"
#include "pki/certificate.hpp"
#include "store/atomic_file.hpp"

#include <unistd.h>

#include <ostream>
#include <thread>

namespace adaos::node {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::chrono::seconds step_limit{15};

/// One request through Root, trusting nothing but its pin.
Result<net::Reply> get(std::string const& url, std::string const& pin) {
    auto parsed = net::parse_url(url);
    if (!parsed) return parsed.error();
    net::Fetch request;
    request.url = std::move(*parsed);
    request.trust.ca_fingerprint = pin;
    RunLoop loop;
    return loop.run(net::fetch(loop.network(), loop.timers(), std::move(request)));
}

Error interruption(std::string during) {
    return Error(Problem::interrupted, std::move(during));
}

}  // namespace

DemoSubnet::DemoSubnet(fs::path folder, std::ostream& progress)
    : folder_(std::move(folder)), progress_(progress) {
    std::error_code failed;
    bin_ = fs::read_symlink("/proc/self/exe", failed).parent_path();
}

fs::path DemoSubnet::ca_file() const {
    return folder_ / "root" / "keys" / "root_ca.pem";
}

void DemoSubnet::say(std::string const& line) const {
    progress_ << "demo: " << line << std::endl;
}

std::string DemoSubnet::log_of(std::string const& who) const {
    auto const log = store::read_file(folder_ / (who + ".log"));
    auto const text = log && *log ? std::string(trim(**log)) : std::string();
    return text.empty() ? "its log is empty" : text;
}

Result<std::string> DemoSubnet::adaos(Step const& step) const {
    Words argv{(bin_ / "adaos").string(), "--base-dir", (folder_ / step.who).string()};
    argv.insert(argv.end(), step.words.begin(), step.words.end());
    auto done = run_command(argv, step.input, step_limit);
    if (!done) return done.error();
    if (done->exit_code != 0) {
        return Error(Problem::internal, "adaos " + step.words[0] + " " + step.words[1] + " on " +
                                            step.who + " exited " +
                                            std::to_string(done->exit_code) + ": " + done->output);
    }
    // stderr came along: the answer starts at the first brace.
    auto const brace = done->output.find('{');
    return brace == std::string::npos ? done->output : done->output.substr(brace);
}

Result<void> DemoSubnet::start(std::string const& who, Words argv) {
    auto child = Child::start(argv, folder_ / (who + ".log"));
    if (!child) return child.error();
    children_.emplace_back(who, std::move(*child));
    auto const file = folder_ / who / "state" / "serve.json";
    auto const until = std::chrono::steady_clock::now() + step_limit;
    while (std::chrono::steady_clock::now() < until) {
        if (caught_signal() != 0) return interruption("starting " + who);
        std::error_code absent;
        if (fs::exists(file, absent)) return {};
        if (!children_.back().second.running()) break;
        std::this_thread::sleep_for(milliseconds(5));
    }
    return Error(Problem::internal, who + " did not start: " + log_of(who));
}

Result<void> DemoSubnet::start_node(std::string const& who) {
    return start(who, {(bin_ / "adaos").string(), "--base-dir", (folder_ / who).string(), "api",
                       "serve", "--port", "0"});
}

Result<std::string> DemoSubnet::url_of(std::string const& who) const {
    auto const text = store::read_file(folder_ / who / "state" / "serve.json");
    if (!text) return text.error();
    if (!*text) return Error(Problem::node_not_running, who);
    auto facts = parse_serve_facts(**text);
    if (!facts) return facts.error();
    return facts->url;
}

Result<void> DemoSubnet::wait_connected(std::string const& who) {
    auto const until = std::chrono::steady_clock::now() + step_limit;
    std::string cause;
    while (std::chrono::steady_clock::now() < until) {
        auto const text = adaos({who, {"node", "status", "--json"}, ""});
        if (!text) return text.error();
        auto const status = parse_status_facts(*text);
        if (!status) return status.error();
        if (status->connected) return {};
        cause = status->cause;
        std::this_thread::sleep_for(milliseconds(20));
    }
    return Error(Problem::timed_out, who + " is not connected: " + cause);
}

Result<void> DemoSubnet::join(std::string const& who, Words code_flags, std::string const& root) {
    Step create{"hub", {"hub", "join-code", "create", "--json"}, ""};
    create.words.insert(create.words.end(), code_flags.begin(), code_flags.end());
    auto const text = adaos(create);
    if (!text) return text.error();
    auto const code = parse_code_facts(*text);
    if (!code) return code.error();
    subnet_ = code->subnet_id;
    say(who + " joins with the code " + code->code + " at " + root);
    Step join{who, {"node", "join", "--code-stdin", "--root", root, "--json"}, code->code + '\n'};
    if (root.starts_with("https")) join.words.insert(join.words.end(), {"--ca-fingerprint", pin_});
    auto const joined = adaos(join);
    if (!joined) return joined.error();
    auto const facts = parse_status_facts(*joined);
    if (!facts) return facts.error();
    if (auto up = start_node(who); !up) return up;
    if (auto linked = wait_connected(who); !linked) return linked;
    places_.push_back({who, root_url_ + "/hubs/" + subnet_ + "/nodes/" + facts->node_id + "/"});
    return {};
}

Result<void> DemoSubnet::start_root() {
    for (auto const* name : {"adaos", "adaos-root"}) {
        auto const file = bin_ / name;
        if (::access(file.c_str(), X_OK) != 0)
            return Error(Problem::incomplete_install, file.string());
    }
    say("starting Root");
    auto const up = start("root", {(bin_ / "adaos-root").string(), "serve", "--base-dir",
                                   (folder_ / "root").string(), "--port", "0"});
    if (!up) return up;
    auto const url = url_of("root");
    if (!url) return url.error();
    root_url_ = *url;
    auto const pem = store::read_file(ca_file());
    if (!pem) return pem.error();
    auto const ca = pki::Certificate::from_pem(pem->value_or(""));
    if (!ca) return ca.error();
    pin_ = ca->fingerprint();
    return {};
}

Result<void> DemoSubnet::start_hub() {
    say("registering a hub at " + root_url_);
    auto const init = adaos(
        {"hub",
         {"dev", "root", "init", "--root", root_url_, "--token-file",
          (folder_ / "root" / "keys" / "root_token").string(), "--ca-fingerprint", pin_, "--json"},
         ""});
    if (!init) return init.error();
    if (auto up = start_node("hub"); !up) return up;
    return wait_connected("hub");
}

Result<void> DemoSubnet::bring_up() {
    if (auto up = start_root(); !up) return up;
    if (auto up = start_hub(); !up) return up;
    auto const hub_url = url_of("hub");
    if (!hub_url) return hub_url.error();
    if (auto up = join("member-1", {}, root_url_); !up) return up;
    if (auto up = join("member-2", {"--local"}, *hub_url); !up) return up;
    places_.insert(places_.begin(), {"hub", root_url_ + "/hubs/" + subnet_ + "/"});
    return {};
}

Result<void> DemoSubnet::request_each() {
    for (auto const& [name, url] : places_) {
        if (caught_signal() != 0) return interruption("asking " + name);
        auto const reply = get(url + "api/ping", pin_);
        if (!reply) return with_context(reply.error(), name);
        if (reply->head.status != 200)
            return Error(Problem::bad_answer,
                         name + ": " + std::to_string(reply->head.status) + " " + reply->body);
        say(name + " answers through Root: " + std::string(trim(reply->body)));
    }
    return {};
}

Result<void> DemoSubnet::check_running() {
    for (auto& [who, child] : children_)
        if (!child.running())
            return Error(Problem::internal, who + " ended by itself: " + log_of(who));
    return {};
}

void DemoSubnet::stop() noexcept {
    for (auto& [who, child] : children_) child.ask_to_end();
    children_.clear();
}

}  // namespace adaos::node
