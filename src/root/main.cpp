/// The binary `adaos-root`: options in, exit code out.

#include "base/problem.hpp"
#include "root/root_files.hpp"
#include "root/serve_command.hpp"

#include <CLI/CLI.hpp>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

namespace {

using namespace adaos;

int fail(Error const& error) {
    auto const& info = describe(error.code);
    std::cerr << "adaos-root: error: " << info.id << ' ' << error.message() << '\n'
              << "adaos-root: hint: " << info.next << '\n';
    return info.exit_code;
}

int run_serve(root::ServeOptions options, std::optional<std::string> const& base_dir, bool verbose) {
    auto dir = root::find_root_dir(base_dir);
    if (!dir) return fail(dir.error());
    options.root.dir = *dir;
    StderrSink sink(::isatty(STDERR_FILENO) ? StderrSink::Form::human : StderrSink::Form::json,
                    verbose ? Level::debug : Level::info);
    auto const code = root::serve(std::move(options), Log(sink));
    return code ? *code : fail(code.error());
}

int print_fingerprint(std::optional<std::string> const& base_dir) {
    auto const dir = root::find_root_dir(base_dir);
    if (!dir) return fail(dir.error());
    auto const pin = root::ca_fingerprint(*dir);
    if (!pin) return fail(pin.error());
    std::cout << *pin << '\n';
    return 0;
}

/// Files are for the owner alone, and a crash leaves no core with keys in it.
void protect_process() {
    ::umask(0077);
    rlimit const none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

int main(int argc, char** argv) {
    protect_process();
    CLI::App app{"adaos-root: the authority and relay that hubs connect to"};
    app.set_version_flag("--version", "adaos-root " ADAOS_VERSION);
    app.require_subcommand(1);
    std::optional<std::string> base_dir;
    bool verbose = false;
    root::ServeOptions options;
    auto* const serve = app.add_subcommand("serve", "run Root");
    serve->add_option("--base-dir", base_dir, "state folder (default ~/.adaos-root)");
    serve->add_option("--host", options.root.host, "address to listen on")->capture_default_str();
    serve->add_option("--port", options.root.port, "port; 0 takes a free one")->capture_default_str();
    serve->add_option("--public-url", options.root.public_url,
                      "the address hubs and callers use, https://name[:port]");
    serve->add_option("--tls-cert", options.tls_cert_file, "own certificate chain (PEM)");
    serve->add_option("--tls-key", options.tls_key_file, "its key (PEM)");
    serve->add_flag("--plain-http", options.root.plain_http, "no TLS: loopback only");
    serve->add_flag("--behind-proxy", options.behind_proxy,
                    "a TLS proxy stands in front: allows --plain-http elsewhere");
    serve->add_flag("-v,--verbose", verbose, "log connections and requests, too");
    auto* const ca = app.add_subcommand("ca", "Root's certificate authority");
    ca->require_subcommand(1);
    auto* const pin = ca->add_subcommand("fingerprint", "print the pin, sha256:<64 hex>");
    pin->add_option("--base-dir", base_dir, "state folder (default ~/.adaos-root)");
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        if (serve->parsed()) return run_serve(std::move(options), base_dir, verbose);
        return print_fingerprint(base_dir);
    } catch (std::exception const& e) {
        std::cerr << "adaos-root: error: ADAOS-X001 bug: " << e.what() << '\n';
        return 1;
    }
}
