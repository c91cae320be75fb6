#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/command.hpp"

#include <ostream>

namespace adaos::node {
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

std::string error_lines(Error const& error, std::string_view hint) {
    auto const& info = describe(error.code);
    std::string out = "adaos: error: " + std::string(info.id) + ' ' + std::string(info.title);
    if (auto const detail = detail_of(error); !detail.empty()) out += ": " + detail;
    return out + "\nadaos: hint: " + one_line(hint) + '\n';
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

int fail(Context& context, Error const& error, std::string_view hint) {
    if (context.json) context.out << error_json(error, hint) << std::flush;
    context.err << error_lines(error, hint) << std::flush;
    return describe(error.code).exit_code;
}

int fail(Context& context, Error const& error) {
    return fail(context, error, describe(error.code).next);
}

Result<identity::BaseDir> Context::open_base_dir() const {
    auto const path = identity::find_base_dir(base_dir, env);
    if (!path) return path.error();
    return identity::BaseDir::open(*path);
}

}  // namespace adaos::node
