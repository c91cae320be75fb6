#pragma once
/// Where a secret is, and how it is got from there: the one way for every option of both programs.

#include "base/error.hpp"
#include "base/secret.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace adaos::cli {

/// Nothing is read yet.
struct SecretSource {
    enum class From { nowhere, literal, file, variable, input, prompt };
    From from = From::nowhere;
    std::string place;  ///< the file's path, the variable's name
    Secret literal;
};

/// The value of an option: `file:PATH`, `env:NAME`, `-` for the first line of standard input,
/// `prompt`, or the secret itself.
[[nodiscard]] SecretSource parse_secret_source(std::string_view typed);

/// One secret that a command takes, and where its command line says that it is.
struct SecretOption {
    std::string name;             ///< "--code"
    std::string what;             ///< "join code"
    std::string variable = {};    ///< read when no option was given: "ADAOS_JOIN_CODE"
    std::string file_alias = {};  ///< another name of `NAME-file`: "--token-path"
    SecretSource source = {};
};

/// "--code, --code-file, --code-env or --code-stdin"; the file's other name when it has one.
[[nodiscard]] std::string names_of(SecretOption const& option);

/// Shows a question on the stream and takes one line that is not shown.
using AskHidden = std::function<Result<Secret>(std::ostream& err, std::string_view question)>;

/// What secrets can come from. The streams outlive it.
struct SecretWays {
    std::string_view program;  ///< first word of its lines on `err`
    std::istream& in;
    std::ostream& err;
    std::function<std::optional<std::string>(char const* name)> env;
    AskHidden ask;  ///< empty: standard input is no terminal
};

/// Longest secret in bytes, with the blanks around it.
inline constexpr std::size_t max_secret = 4096;

/// The secret, without the blanks around it: one line, not empty. Without an option it is the
/// variable's, and at a terminal it is asked for. Errors: secret_unreadable naming the option and
/// the place, never with what was there; interrupted.
[[nodiscard]] Result<Secret> read_secret(SecretOption const& option, SecretWays const& ways);

}  // namespace adaos::cli
