#pragma once
/// The streams of a program, and how it reports errors on them.

#include "base/error.hpp"

#include <iosfwd>
#include <string>
#include <string_view>

namespace adaos::cli {

/// Results go to `out`, everything else to `err`. Both outlive it.
struct Console {
    std::string_view program;  ///< first word of the error lines: "adaos"
    std::ostream& out;
    std::ostream& err;
    bool json = false;  ///< --json: errors are an object on `out`, too
};

/// Prints the two lines, with JSON the error object, too. Returns the exit code.
[[nodiscard]] int fail(Console const& console, Error const& error);
/// The same with a hint of its own instead of the table's.
[[nodiscard]] int fail(Console const& console, Error const& error, std::string_view hint);
/// The end of a program that would exit with `code`: Problem::output_lost when that is 0 but the
/// result did not get out (a full disk, a closed stdout).
[[nodiscard]] int finish(Console const& console, int code);

/// "adaos: error: ADAOS-J004 the join code has expired: grant" and "adaos: hint: ...". One line
/// each, whatever `error.context` holds.
[[nodiscard]] std::string error_lines(std::string_view program, Error const& error,
                                      std::string_view hint);
/// {"schema":"adaos.error/v1","ok":false,"error":{code,title,detail,next,status}}
[[nodiscard]] std::string error_json(Error const& error, std::string_view hint);

/// What `error` is on a command line: there a field of a request is an option.
[[nodiscard]] Error as_told(Error error);

}  // namespace adaos::cli
