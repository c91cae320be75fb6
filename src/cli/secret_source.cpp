#include "cli/secret_source.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <istream>
#include <ostream>

namespace adaos::cli {
namespace {

using From = SecretSource::From;

class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int number() const noexcept { return number_; }

private:
    int number_;
};

/// Room for all of it at once: a string that grows leaves copies behind.
std::string roomy() {
    std::string text;
    text.reserve(max_secret + 1);
    return text;
}

class Reading {
public:
    Reading(SecretOption const& option, SecretWays const& ways) : option_(option), ways_(ways) {}

    [[nodiscard]] Result<Secret> run() const {
        auto const& source = option_.source;
        switch (source.from) {
            case From::literal: return checked(source.literal, "it");
            case From::file: return from_file(source.place);
            case From::variable: return from_variable(source.place);
            case From::input: return ways_.ask ? from_prompt() : from_input();
            case From::prompt: return from_prompt();
            case From::nowhere: break;
        }
        return from_usual();
    }

private:
    [[nodiscard]] Error unreadable(std::string const& why) const {
        return Error(Problem::secret_unreadable, option_.name + ": " + why);
    }

    [[nodiscard]] Result<Secret> checked(Secret const& found, std::string const& where) const {
        auto const& text = found.reveal();
        if (text.size() > max_secret)
            return unreadable(where + " has more than " + std::to_string(max_secret) + " bytes");
        auto const inner = trim(text);
        if (inner.empty()) return unreadable(where + " is empty");
        auto const is_control = [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        };
        if (std::any_of(inner.begin(), inner.end(), is_control))
            return unreadable(where + " is not one line of text");
        return Secret(std::string(inner));
    }

    /// Links and pipes are followed: mounted secrets are links, `<(command)` is a pipe.
    [[nodiscard]] Result<Secret> from_file(std::string const& path) const {
        Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        struct stat facts {};
        if (file.number() < 0 || ::fstat(file.number(), &facts) != 0)
            return unreadable(path + ": " + std::strerror(errno));
        if (S_ISDIR(facts.st_mode)) return unreadable(path + " is a folder");
        auto text = roomy();
        text.resize(max_secret + 1);
        std::size_t size = 0;
        while (size < text.size()) {
            auto const got = ::read(file.number(), text.data() + size, text.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) {
                auto const cause = errno;
                Secret const wiped(std::move(text));
                return unreadable(path + ": " + std::strerror(cause));
            }
            if (got == 0) break;
            size += static_cast<std::size_t>(got);
        }
        text.resize(size);
        auto found = checked(Secret(std::move(text)), path);
        if (found && S_ISREG(facts.st_mode) && (facts.st_mode & S_IROTH) != 0) {
            ways_.err << ways_.program << ": warning: " << option_.name << ": every user of this "
                      << "machine can read " << path << "; chmod 600 makes it the owner's alone\n";
        }
        return found;
    }

    [[nodiscard]] Result<Secret> from_variable(std::string const& name) const {
        auto value = ways_.env(name.c_str());
        if (!value) return unreadable("the variable " + name + " is not set");
        return checked(Secret(std::move(*value)), "the variable " + name);
    }

    [[nodiscard]] Result<Secret> from_input() const {
        auto line = roomy();
        for (char c = '\0'; line.size() <= max_secret && ways_.in.get(c) && c != '\n';) line += c;
        return checked(Secret(std::move(line)), "standard input");
    }

    [[nodiscard]] Result<Secret> from_prompt() const {
        if (!ways_.ask) return unreadable("to ask for it, standard input must be a terminal");
        auto const typed = ways_.ask(
            ways_.err, std::string(ways_.program) + ": " + option_.what + " (not shown): ");
        if (!typed) return typed.error();
        return checked(*typed, "what was typed");
    }

    /// An empty variable is one that a unit file or a script left blank.
    [[nodiscard]] Result<Secret> from_usual() const {
        if (!option_.variable.empty()) {
            auto value = ways_.env(option_.variable.c_str());
            if (value && !value->empty()) return from_variable(option_.variable);
        }
        if (ways_.ask) return from_prompt();
        auto why = "no " + option_.what + " was given: " + names_of(option_);
        if (!option_.variable.empty()) why += ", or the variable " + option_.variable + ',';
        return Error(Problem::secret_unreadable, why + " tells where it is");
    }

    SecretOption const& option_;
    SecretWays const& ways_;
};

}  // namespace

SecretSource parse_secret_source(std::string_view typed) {
    constexpr std::string_view file = "file:", variable = "env:";
    if (typed == "-") return {From::input, {}, {}};
    if (typed == "prompt") return {From::prompt, {}, {}};
    if (typed.starts_with(file)) return {From::file, std::string(typed.substr(file.size())), {}};
    if (typed.starts_with(variable))
        return {From::variable, std::string(typed.substr(variable.size())), {}};
    return {From::literal, {}, Secret(std::string(typed))};
}

std::string names_of(SecretOption const& option) {
    auto const& name = option.name;
    auto const file = option.file_alias.empty() ? name + "-file" : option.file_alias;
    return name + ", " + file + ", " + name + "-env or " + name + "-stdin";
}

Result<Secret> read_secret(SecretOption const& option, SecretWays const& ways) {
    return Reading(option, ways).run();
}

}  // namespace adaos::cli
