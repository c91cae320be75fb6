#include "root/root_cli.hpp"

#include "cli/listening.hpp"
#include "cli/process.hpp"
#include "cli/version.hpp"
#include "cli/words.hpp"
#include "root/admin_commands.hpp"
#include "root/serve_command.hpp"
#include "trail/audit_cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <ostream>

namespace adaos::root {
namespace {

class RootCli {
public:
    explicit RootCli(cli::Console const& console) : console_(console) {
        cli::show_examples_first(app_);
        app_.footer(
            "  adaos-root serve\n"
            "  adaos-root serve --host 0.0.0.0 --public-url https://root.example.org\n"
            "  adaos-root ca fingerprint\n"
            "  adaos-root audit verify\n"
            "  adaos-root subnet remove sn_1a2b3c4d");
        app_.add_option("--base-dir", base_dir_,
                        "state folder (default: ADAOS_ROOT_BASE_DIR, else ~/.adaos-root)")
            ->type_name("DIR");
        app_.add_flag("--version", version_, "print the version");
        app_.add_flag("--json", json_, "with --version: as JSON")->group("");
        app_.fallthrough();
        add_serve();
        add_ca();
        audit_ = audit_words_.add(app_, json_);
        add_subnet();
    }

    int run(std::vector<std::string> words) {
        if (auto const ended = cli::parse(app_, std::move(words), console_)) return *ended;
        if (version_) {
            console_.out << cli::version_text("adaos-root", json_);
            return 0;
        }
        if (serve_->parsed()) return run_serve();
        if (pin_->parsed()) return print_fingerprint();
        if (audit_->parsed()) return run_audit();
        if (rotate_->parsed()) return run_rotate();
        if (remove_->parsed()) return run_remove();
        return cli::misuse(app_, console_, "no command was given");
    }

private:
    void add_serve() {
        serve_ = app_.add_subcommand("serve", "run Root, until a signal");
        serve_->footer(
            "  adaos-root serve\n"
            "  adaos-root serve --host 0.0.0.0 --public-url https://root.example.org\n"
            "  adaos-root serve --plain-http --public-url https://root.example.org");
        serve_->fallthrough();
        auto& root = options_.root;
        serve_->add_option("--host", root.host, "address to listen on")->capture_default_str();
        serve_->add_option("--port", root.port, "port; 0 takes a free one")->capture_default_str();
        serve_->add_option("--public-url", root.public_url,
                           "the address hubs and callers use, https://name[:port]");
        serve_->add_option("--tls-cert", options_.tls_cert_file, "own certificate chain (PEM)");
        serve_->add_option("--tls-key", options_.tls_key_file, "its key (PEM)");
        serve_->add_option("--cert-life", options_.cert_life,
                           "life of the certificates it issues, 1m to 365d (default: 30d)");
        serve_->add_option(
            "--recovery-budget", options_.recovery_budget,
            "how long after its end a certificate can still be renewed with its key, "
            "1m to 3650d (default: 90d)");
        serve_->add_flag("--plain-http", root.plain_http, "no TLS: loopback only");
        serve_->add_flag("--behind-proxy", options_.behind_proxy,
                         "a TLS proxy stands in front: allows --plain-http elsewhere");
        serve_->add_flag("-v,--verbose", verbose_,
                         "log at debug level, too: refusals, failed handshakes");
    }

    void add_ca() {
        auto* const ca = app_.add_subcommand("ca", "Root's certificate authority");
        ca->footer("");  // else the one above
        ca->require_subcommand(1);
        ca->fallthrough();
        pin_ = ca->add_subcommand("fingerprint",
                                  "print the pin of the CA that signs, sha256:<64 hex>");
        pin_->footer("  adaos-root ca fingerprint\n  adaos-root ca fingerprint --json");
        pin_->fallthrough();
        pin_->add_flag("--json", json_, "print one JSON document");
        rotate_ = ca->add_subcommand("rotate", "exchange the CA, in three steps with an overlap");
        rotate_->footer(
            "  adaos-root ca rotate\n"
            "  adaos-root ca rotate --activate\n"
            "  adaos-root ca rotate --finish");
        rotate_->fallthrough();
        rotate_->add_flag("--activate", rotation_.activate, "the new CA signs from now on");
        rotate_->add_flag("--finish", rotation_.finish, "the old CA is not trusted any more");
        rotate_->add_flag("--now", rotation_.now,
                          "with --finish: though some nodes may not have renewed yet");
        rotate_->add_flag("--json", json_, "print one JSON document");
    }

    void add_subnet() {
        auto* const subnet = app_.add_subcommand("subnet", "the subnets registered here");
        subnet->footer("");  // else the one above
        subnet->require_subcommand(1);
        subnet->fallthrough();
        remove_ = subnet->add_subcommand("remove", "take a hub's registration back");
        remove_->footer("  adaos-root subnet remove sn_1a2b3c4d");
        remove_->fallthrough();
        remove_->add_option("subnet", subnet_, "subnet id")->required();
        remove_->add_flag("--json", json_, "print one JSON document");
    }

    int run_audit() {
        return audit_words_.run(console_, [this]() -> Result<trail::TrailFile> {
            auto const dir = base_dir();
            if (!dir) return dir.error();
            return trail::TrailFile{dir->database(), "adaos-root serve"};
        });
    }

    Result<RootDir> base_dir() const {
        if (auto given = cli::check_base_dir(base_dir_); given.has_error()) return given.error();
        return find_root_dir(base_dir_);
    }

    int run_serve() {
        auto const dir = base_dir();
        if (!dir) return cli::fail(console_, dir.error());
        options_.root.dir = *dir;
        auto const at = net::Endpoint{options_.root.host, options_.root.port}.text();
        cli::ignore_hangup();
        bool const terminal = ::isatty(STDERR_FILENO) == 1;
        StderrSink sink(terminal ? StderrSink::Form::human : StderrSink::Form::json,
                        verbose_ ? Level::debug : Level::info);
        auto const code = serve(std::move(options_), console_.out, Log(sink));
        console_.out.clear();  // what it prints is a courtesy: serving was the result
        if (code) return *code;
        auto const told = cli::explain_listening(code.error(), at);
        return cli::fail(console_, told.error, told.hint);
    }

    int run_rotate() {
        auto const dir = base_dir();
        if (!dir) return cli::fail(console_, dir.error());
        auto const done = rotate_ca(*dir, rotation_, json_);
        if (!done) return cli::fail(console_, done.error());
        console_.out << *done;
        return 0;
    }

    int run_remove() {
        auto const dir = base_dir();
        if (!dir) return cli::fail(console_, dir.error());
        auto const done = remove_subnet(*dir, subnet_);
        if (!done) return cli::fail(console_, done.error());
        console_.out << (json_ ? *done : subnet_removed_text(*done));
        return 0;
    }

    int print_fingerprint() {
        auto const dir = base_dir();
        if (!dir) return cli::fail(console_, dir.error());
        auto const pins = read_ca_pins(*dir);
        if (!pins) return cli::fail(console_, pins.error());
        console_.out << (json_ ? pins_json(*pins) : pins->signer + '\n');
        return 0;
    }

    cli::Console const& console_;
    CLI::App app_{"adaos-root is the authority and the relay that hubs connect to.", "adaos-root"};
    CLI::App* serve_ = nullptr;
    CLI::App* pin_ = nullptr;
    CLI::App* audit_ = nullptr;
    trail::AuditCli audit_words_;
    CLI::App* rotate_ = nullptr;
    CLI::App* remove_ = nullptr;
    RotateOptions rotation_;
    std::string subnet_;
    std::optional<std::string> base_dir_;
    bool version_ = false;
    bool json_ = false;
    bool verbose_ = false;
    ServeOptions options_;
};

}  // namespace

int run_cli(cli::Console console, std::vector<std::string> const& words) {
    // Known before the words are: an error in them is JSON, too.
    console.json = std::find(words.begin(), words.end(), "--json") != words.end();
    return cli::finish(console, RootCli(console).run(words));
}

}  // namespace adaos::root
