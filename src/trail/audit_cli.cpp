#include "trail/audit_cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adaos::trail {

CLI::App* AuditCli::add(CLI::App& app, bool& json) {
    auto* const audit = app.add_subcommand("audit", "the trail of who let whom in");
    audit->footer("");  // else the one above
    audit->require_subcommand(1);
    audit->fallthrough();
    auto const begin = "  " + app.get_name() + " audit ";
    auto const word = [&](char const* name, char const* what, std::string const& examples) {
        auto* const verb = audit->add_subcommand(name, what);
        verb->footer(examples);
        verb->fallthrough();
        verb->add_flag("--json", json, "print JSON");
        return verb;
    };
    list_ = word("list", "the newest rows, oldest first",
                 begin + "list\n" + begin + "list --event rejected");
    list_->add_option("--limit", options_.limit, "how many at most, 1 to 1000")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    list_->add_option("--grant", options_.grant_id, "of one grant or access token, by its id");
    list_->add_option("--node", options_.node_id, "of one node, by its id");
    list_->add_option("--event", options_.event, "minted, redeemed, rejected, ...");
    verify_ = word("verify", "check that no row was changed or taken away",
                   begin + "verify\n" + begin + "verify --file trail.ndjson");
    verify_->add_option("--file", options_.file, "an exported trail; - is stdin");
    verify_->add_option("--head", options_.head, "a last hash that was noted before");
    export_ = word("export", "every row as a line of JSON", begin + "export > trail.ndjson");
    return audit;
}

int AuditCli::run(cli::Console const& console, FindTrail const& find) const {
    if (list_->parsed()) return audit_list(console, find, options_);
    if (verify_->parsed()) return audit_verify(console, find, options_);
    return audit_export(console, find);
}

}  // namespace adaos::trail
