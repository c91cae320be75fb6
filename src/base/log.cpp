#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/utf8.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace adaos {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

/// C0, DEL and C1: U+009B begins a terminal's control sequence just as ESC [ does.
bool is_control(std::string_view character) {
    auto const u = static_cast<unsigned char>(character.front());
    if (character.size() == 1) return u < 0x20 || u == 0x7f;
    return u == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

/// JSON string escapes; used in the human form, too, so that control bytes never reach a terminal.
/// A byte that is not UTF-8 becomes U+FFFD.
void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        auto const size = utf8_size(text);
        auto const character = text.substr(0, size == 0 ? 1 : size);
        if (size == 0) {
            out += "\\ufffd";
        } else if (character == "\"" || character == "\\") {
            out.append("\\").append(character);
        } else if (is_control(character)) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x",
                          static_cast<unsigned char>(character.back()));
            out += code;
        } else {
            out += character;
        }
        text.remove_prefix(character.size());
    }
}

void append_human(std::string& out, std::span<LogField const> fields) {
    for (auto const& f : fields) {
        out += ' ';
        out += f.key;
        out += '=';
        bool const quote = f.value.empty() || f.value.find(' ') != std::string::npos;
        if (quote) out += '"';
        append_escaped(out, f.value);
        if (quote) out += '"';
    }
}

void append_json(std::string& out, std::span<LogField const> fields) {
    for (auto const& f : fields) {
        out += ",\"";
        out += f.key;
        out += "\":\"";
        append_escaped(out, f.value);
        out += '"';
    }
}

}  // namespace

void StderrSink::write(Level level, std::string_view text, std::span<LogField const> bound,
                       std::span<LogField const> fields) {
    if (level < least_) return;
    auto const name = level_names[static_cast<std::size_t>(level)];
    std::string line;
    if (form_ == Form::human) {
        line = rfc3339(SystemClock{}.wall()) + ' ';
        line.append(name).append(7 - name.size() + 1, ' ');
        append_escaped(line, text);
        append_human(line, bound);
        append_human(line, fields);
    } else {
        line = "{\"ts\":\"" + rfc3339(SystemClock{}.wall()) + "\",\"level\":\"";
        line.append(name).append("\",\"msg\":\"");
        append_escaped(line, text);
        line += '"';
        append_json(line, bound);
        append_json(line, fields);
        line += '}';
    }
    line += '\n';
    // One write per line: lines of two processes on one terminal do not mix.
    [[maybe_unused]] auto const n = ::write(STDERR_FILENO, line.data(), line.size());
}

Log Log::with(std::string_view key, std::string value) const {
    Log copy = *this;
    copy.bound_.push_back({key, std::move(value)});
    return copy;
}

void Log::write(Level level, std::string_view text, Fields fields) const {
    if (sink_ == nullptr) return;
    sink_->write(level, text, bound_, std::span<LogField const>(fields.begin(), fields.size()));
}

}  // namespace adaos
