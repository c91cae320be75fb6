#include "node/demo.hpp"

#include "base/problem.hpp"
#include "cli/spelling.hpp"
#include "node/command.hpp"
#include "node/demo_folder.hpp"
#include "node/demo_json.hpp"
#include "node/demo_subnet.hpp"
#include "node/interrupts.hpp"

#include <chrono>
#include <ostream>
#include <thread>

namespace adaos::node {
namespace {

using std::chrono::milliseconds;

DemoReport report_of(DemoSubnet const& subnet, milliseconds took) {
    DemoReport report;
    report.took = took;
    report.subnet_id = subnet.subnet();
    report.root_url = subnet.root_url();
    report.ca_file = subnet.ca_file().string();
    report.ca_fingerprint = subnet.pin();
    for (auto const& [name, url] : subnet.places()) report.nodes.push_back({name, url});
    return report;
}

std::string addresses(DemoReport const& report) {
    std::string out =
        "\nA subnet is up on this machine. Every node answers through Root's one address:\n";
    for (auto const& [name, url] : report.nodes)
        out += "  " + name + std::string(10 - name.size(), ' ') + url + '\n';
    return out + "\nLook at one:\n  curl --cacert " + cli::shell_word(report.ca_file) + ' ' +
           report.nodes.back().url +
           "api/ping\n(a browser warns about the certificate: its CA was made a moment ago)\n"
           "\nUp after " +
           std::to_string(report.took.count()) + " ms. Ctrl-C stops everything";
}

/// Stays until a signal. Errors: see DemoSubnet::check_running.
Result<void> stay(DemoSubnet& subnet) {
    while (caught_signal() == 0) {
        if (auto running = subnet.check_running(); !running) return running;
        std::this_thread::sleep_for(milliseconds(100));
    }
    return {};
}

}  // namespace

Result<void> run_demo(Context& context, DemoOptions const& options) {
    Interrupts const interrupts;
    auto const temp = context.env("TMPDIR").value_or("");
    auto const folder = DemoFolder::make(options.keep, temp.empty() ? "/tmp" : temp);
    if (!folder) return folder.error();
    auto const began = std::chrono::steady_clock::now();
    DemoSubnet subnet(folder->path(), context.err);
    auto done = subnet.bring_up();
    if (done) done = subnet.request_each();
    bool const in_time = caught_signal() == 0;
    auto const report = report_of(
        subnet, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began));
    if (done && in_time && !options.check) {
        context.out << (context.json ? demo_json(report)
                                     : addresses(report) +
                                           (options.keep ? "; its state stays in " + *options.keep
                                                         : " and removes it") +
                                           ".\n")
                    << std::flush;
        done = stay(subnet);
    }
    subnet.stop();
    // What a signal broke failed because of it, whatever it says itself.
    if (!in_time) return Error(Problem::interrupted, "not every node was asked");
    if (!done || !options.check) return done;
    // Nothing runs any more: addresses would lead nowhere.
    context.out << (context.json ? demo_check_json(report) : demo_check_text(report));
    if (options.keep && !context.json) context.out << "The state is in " << *options.keep << ".\n";
    return {};
}

}  // namespace adaos::node
