#include "cli/words.hpp"

#include "base/problem.hpp"
#include "cli/secret_option.hpp"
#include "cli/spelling.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <ostream>
#include <utility>

namespace adaos::cli {
namespace {

class HelpForm final : public CLI::Formatter {
public:
    std::string make_description(CLI::App const* app) const override {
        auto out = app->get_description() + "\n";
        if (!app->get_footer().empty()) out += "\nExamples:\n" + app->get_footer() + "\n";
        return out + "\n";
    }
    std::string make_footer(CLI::App const*) const override { return {}; }
};

/// The last command word that was understood, and its full name.
std::pair<CLI::App*, std::string> deepest(CLI::App& app) {
    std::pair<CLI::App*, std::string> at{&app, app.get_name()};
    for (auto found = app.get_subcommands(); !found.empty(); found = at.first->get_subcommands()) {
        at.first = found.back();
        at.second += ' ' + at.first->get_name();
    }
    return at;
}

std::vector<std::string> words_of(CLI::App& app) {
    std::vector<std::string> out;
    for (auto const* sub : app.get_subcommands([](CLI::App*) { return true; }))
        out.push_back(sub->get_name());
    return out;
}

std::vector<std::string> options_of(CLI::App& app) {
    std::vector<std::string> out;
    for (auto* at = &app; at != nullptr; at = at->get_parent())
        for (auto const* option : at->get_options())
            for (auto const& name : option->get_lnames()) out.push_back("--" + name);
    return out;
}

}  // namespace

void show_examples_first(CLI::App& app) {
    app.formatter(std::make_shared<HelpForm>());
}

int misuse(CLI::App& app, Console const& console, std::string message) {
    auto const [at, name] = deepest(app);
    std::string hint = "See " + name + " --help";
    auto const rest = app.remaining(true);
    if (!rest.empty()) {
        // Of an option only its name, of a stray word nothing: it may be a code.
        auto const typed = rest.front().substr(0, rest.front().find('='));
        bool const option = typed.starts_with("-");
        auto const known = option ? options_of(*at) : words_of(*at);
        auto const meant = nearest(typed, known);
        message = option          ? "unknown option " + typed
                  : known.empty() ? "unexpected word after " + name
                                  : "unknown command " + typed;
        if (!meant.empty()) {
            hint = "Did you mean " + (option ? meant : name + ' ' + meant) + "? See " + name +
                   " --help";
        }
    }
    return fail(console, Error(Problem::usage, message), hint);
}

std::optional<int> parse(CLI::App& app, std::vector<std::string> words, Console const& console) {
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    try {
        app.parse(words);
    } catch (CLI::CallForHelp const&) {
        console.out << app.help() << std::flush;
        return 0;
    } catch (CLI::ParseError const& e) {
        return misuse(app, console, e.what());
    }
    warn_of_literals(app, console);
    return std::nullopt;
}

Result<void> check_base_dir(std::optional<std::string> const& base_dir) {
    if (!base_dir || !base_dir->empty()) return {};
    return Error(Problem::invalid_option, "--base-dir: it is empty");
}

}  // namespace adaos::cli
