#include "cli/secret_option.hpp"

#include "base/bytes.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

namespace adaos::cli {
namespace {

using From = SecretSource::From;

/// By this the options are known again in a tree of commands.
constexpr char const* source_type = "SOURCE";

void take(SecretOption& option, SecretSource source) {
    if (option.source.from != From::nowhere)
        throw CLI::ArgumentMismatch("more than one of " + names_of(option) + " was given");
    option.source = std::move(source);
}

bool is_literal(std::string_view value) {
    return parse_secret_source(value).from == From::literal && !trim(value).empty();
}

std::vector<CLI::Option const*> secret_options(CLI::App const& app) {
    return app.get_options(
        [](CLI::Option const* option) { return option->get_type_name() == source_type; });
}

void collect_names(CLI::App const& app, std::vector<std::string>& names) {
    for (auto const* option : secret_options(app)) names.push_back(option->get_name());
    for (auto const* below : app.get_subcommands([](CLI::App const*) { return true; }))
        collect_names(*below, names);
}

void blot(char* text) noexcept {
    for (; *text != '\0'; ++text) *text = '*';
}

}  // namespace

void add_secret_option(CLI::App* app, SecretOption& option) {
    auto const& name = option.name;
    auto const from_value = [&option](CLI::results_t const& values) {
        take(option, parse_secret_source(values.back()));
        return true;
    };
    app->add_option(name, from_value,
                    "the " + option.what + ": file:PATH, env:NAME, - for stdin, or prompt")
        ->type_name(source_type)
        ->default_str("prompt")
        ->expected(0, 1);
    auto const file_names =
        name + "-file" + (option.file_alias.empty() ? "" : "," + option.file_alias);
    auto const from_file = [&option](std::string const& path) {
        take(option, {From::file, path, {}});
    };
    app->add_option_function<std::string>(file_names, from_file, "a file that holds it")
        ->type_name("PATH");
    auto const from_variable = [&option](std::string const& variable) {
        take(option, {From::variable, variable, {}});
    };
    app->add_option_function<std::string>(name + "-env", from_variable, "a variable that holds it")
        ->type_name("NAME");
    auto const from_input = [&option] { take(option, {From::input, {}, {}}); };
    app->add_flag_callback(name + "-stdin", from_input, "the first line of stdin is it");
}

void hide_literals(CLI::App const& app, std::span<char* const> argv) {
    std::vector<std::string> names;
    collect_names(app, names);
    for (std::size_t i = 0; i < argv.size(); ++i) {
        for (auto const& name : names) {
            std::string_view const word = argv[i];
            if (!word.starts_with(name)) continue;
            auto const rest = word.substr(name.size());
            if (rest.size() > 1 && rest.front() == '=' && is_literal(rest.substr(1)))
                blot(argv[i] + name.size() + 1);
            bool const goes_on = (rest.empty() || rest == "=") && i + 1 < argv.size();
            if (!goes_on) continue;
            std::string_view const next = argv[i + 1];
            if (!next.starts_with("--") && is_literal(next)) blot(argv[i + 1]);
        }
    }
}

void warn_of_literals(CLI::App const& app, Console const& console) {
    for (auto const* option : secret_options(app)) {
        if (option->count() == 0 || !is_literal(option->results().front())) continue;
        auto const name = option->get_name();
        console.err << console.program << ": warning: " << name
                    << ": a secret on the command line stays in the shell's history, and others "
                       "may have seen it; safer: "
                    << name << " file:PATH, env:NAME, - (stdin) or prompt" << std::endl;
    }
    for (auto const* below : app.get_subcommands([](CLI::App const* sub) { return sub->parsed(); }))
        warn_of_literals(*below, console);
}

}  // namespace adaos::cli
