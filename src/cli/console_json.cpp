#include "base/json.hpp"
#include "base/problem.hpp"
#include "cli/console.hpp"

#include <ostream>

namespace adaos::cli {
namespace {

/// A peer's or a file's text on one line: control bytes would forge a second one.
std::string one_line(std::string_view text) {
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return out;
}

/// Errors of other categories keep their own words: "internal" alone helps nobody.
std::string detail_of(Error const& error) {
    auto const& info = describe(error.code);
    auto const known = error.code.message() == info.title;
    auto detail = error.context;
    if (!known && error.code) {
        if (!detail.empty()) detail += ": ";
        detail += error.code.message();
    }
    return one_line(detail);
}

}  // namespace

Error as_told(Error error) {
    if (error.code == Problem::invalid_field) error.code = Problem::invalid_option;
    return error;
}

std::string error_lines(std::string_view program, Error const& error, std::string_view hint) {
    auto const& info = describe(error.code);
    auto const begin = std::string(program) + ": ";
    auto out = begin + "error: " + std::string(info.id) + ' ' + std::string(info.title);
    if (auto const detail = detail_of(error); !detail.empty()) out += ": " + detail;
    return out + '\n' + begin + "hint: " + one_line(hint) + '\n';
}

std::string error_json(Error const& error, std::string_view hint) {
    auto const& info = describe(error.code);
    Json json;
    json["schema"] = "adaos.error/v1";
    json["ok"] = false;
    json["error"] = {{"code", info.id},
                     {"title", info.title},
                     {"detail", detail_of(error)},
                     {"next", hint},
                     {"status", info.http_status}};
    return dump(json) + "\n";
}

int fail(Console const& console, Error const& error, std::string_view hint) {
    auto const told = as_told(error);
    if (console.json) console.out << error_json(told, hint) << std::flush;
    console.err << error_lines(console.program, told, hint) << std::flush;
    return describe(told.code).exit_code;
}

int fail(Console const& console, Error const& error) {
    return fail(console, error, describe(as_told(error).code).next);
}

int finish(Console const& console, int code) {
    console.out << std::flush;
    if (code != 0 || console.out.good()) return code;
    return fail(console, Error(Problem::output_lost));
}

}  // namespace adaos::cli
