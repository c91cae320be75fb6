#include "root/admin_commands.hpp"

#include "api/ca_list.hpp"
#include "api/desk.hpp"
#include "api/renewal.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "net/asio_network.hpp"
#include "net/fetch.hpp"
#include "root/ca_set.hpp"
#include "root/registration.hpp"
#include "store/atomic_file.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <thread>

namespace adaos::root {
namespace {

/// A running Root looks at its keys every second.
constexpr std::chrono::seconds take_up_limit{10};
constexpr std::chrono::milliseconds look_again{100};

Result<net::Reply> fetch_now(net::Fetch request) {
    boost::asio::io_context loop(1);
    net::AsioTimers timers(loop.get_executor());
    net::AsioNetwork network(loop.get_executor(), timers);
    std::optional<Result<net::Reply>> reply;
    auto const done = [&](std::exception_ptr failure, Result<net::Reply> value) {
        if (failure) std::rethrow_exception(failure);
        reply.emplace(std::move(value));
        loop.stop();
    };
    boost::asio::co_spawn(loop, net::fetch(network, timers, std::move(request)), done);
    loop.run();
    return std::move(*reply);
}

/// How the running Root may be reached from its own machine, best first: its port with its own
/// certificate, the same without TLS (--plain-http), its address with a certificate from elsewhere.
std::vector<net::Fetch> ways_to(Serving const& serving, std::string const& trusted_pem) {
    auto host = serving.host;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    auto const at = net::Endpoint{host, serving.port}.text();
    std::vector<net::Fetch> ways;
    auto const add = [&](std::string const& origin, std::string const& anchors) {
        auto url = net::parse_url(origin);
        if (!url) return;
        net::Fetch way;
        way.url = std::move(*url);
        way.trust.anchors_pem = anchors;
        ways.push_back(std::move(way));
    };
    add("https://" + at, trusted_pem);
    if (net::is_loopback(host)) add("http://" + at, std::string());
    if (serving.url.starts_with("https://")) add(serving.url, std::string());
    return ways;
}

/// The body of its 200.
Result<std::string> ask_running(RootDir const& dir, std::string const& trusted_pem,
                                net::Fetch const& asked) {
    auto const text = store::read_file(dir.serve_json());
    if (!text) return text.error();
    if (!*text) return Error(Problem::not_ready, "Root is starting or stopping; try again");
    auto const serving = parse_serving(**text);
    if (!serving) return with_context(serving.error(), dir.serve_json().string());
    std::optional<Error> failed;
    for (auto& way : ways_to(*serving, trusted_pem)) {
        way.method = asked.method;
        way.url.path = asked.url.path;
        way.fields = asked.fields;
        auto reply = fetch_now(std::move(way));
        if (reply && reply->head.status == 200) return std::move(reply->body);
        auto error = reply ? api::problem_in(reply->head.status, reply->body) : reply.error();
        if (reply && error.code != Problem::bad_answer) return error;  // Root has spoken
        if (!failed) failed = std::move(error);
    }
    return *failed;
}

Result<std::string> remove_at_running(RootDir const& dir, std::string const& subnet_id) {
    SystemRandom random;
    auto const token = load_or_make_token(dir, random);
    if (!token) return token.error();
    auto const cas = load_or_make_ca_set(dir, SystemClock(), random);
    if (!cas) return cas.error();
    net::Fetch asked;
    asked.method = "DELETE";
    asked.url.path = "/v1/subnets/" + subnet_id;
    asked.fields.add("X-Root-Token", token->reveal());
    return ask_running(dir, cas->trusted_pem, asked);
}

/// Until a Root that runs serves with `set`: whoever pins what this command printed meets it.
Result<void> wait_for_running(RootDir const& dir, CaSet const& set) {
    auto const shown = api::ca_list_json({set.trusted_pem, set.signer_ca.fingerprint()});
    net::Fetch asked;
    asked.url.path = "/v1/ca";
    auto const end = std::chrono::steady_clock::now() + take_up_limit;
    for (;;) {
        auto const lock = store::FileLock::try_lock(dir.lock());
        if (lock) return {};  // none runs
        if (lock.error().code != Problem::already_running) return lock.error();
        auto const now = ask_running(dir, set.trusted_pem, asked);
        if (now && *now == shown) return {};
        if (std::chrono::steady_clock::now() >= end)
            return Error(Problem::timed_out,
                         "the step is done, but the running Root was not seen to serve with it: " +
                             (now ? "see its log" : now.error().message()));
        std::this_thread::sleep_for(look_again);
    }
}

Result<std::string> remove_in_database(RootDir const& dir, std::string const& subnet_id) {
    SystemRandom random;
    auto files = api::open_desk_files(dir.database(), dir.mac_key(), random);
    if (!files) return files.error();
    auto const hub = enrol::remove_hub(files->database, subnet_id, "root-token", SystemClock());
    if (!hub) return hub.error();
    return subnet_removed_json(*hub);
}

}  // namespace

Result<std::string> remove_subnet(RootDir const& dir, std::string const& subnet_id) {
    if (!is_subnet_id(subnet_id)) return Error(Problem::subnet_unknown, subnet_id);
    if (!std::filesystem::exists(dir.database()))
        return Error(Problem::state_unreadable,
                     dir.database().string() + " is not there; adaos-root serve makes it");
    auto const lock = store::FileLock::try_lock(dir.lock());
    if (lock) return remove_in_database(dir, subnet_id);
    if (lock.error().code != Problem::already_running) return lock.error();
    return remove_at_running(dir, subnet_id);
}

Result<std::string> rotate_ca(RootDir const& dir, RotateOptions const& options, bool json) {
    if (options.activate && options.finish)
        return Error(Problem::usage, "--activate and --finish are two steps");
    if (options.now && !options.finish) return Error(Problem::usage, "--now goes with --finish");
    if (auto const pins = read_ca_pins(dir); !pins) return pins.error();  // there is a Root here
    SystemClock const clock;
    SystemRandom random;
    auto const when = options.now ? Finish::now : Finish::in_time;
    auto const set = options.finish     ? drop_old_ca(dir, when, clock, random)
                     : options.activate ? activate_next_ca(dir, clock, random)
                                        : prepare_next_ca(dir, clock, random);
    if (!set) return set.error();
    if (auto seen = wait_for_running(dir, *set); !seen) return seen.error();
    return json ? ca_set_json(*set) : ca_set_text(*set);
}

}  // namespace adaos::root
