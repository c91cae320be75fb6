#pragma once
/// Keeps log lines as text: "warning text key=value".

#include "base/log.hpp"

#include <string>
#include <vector>

namespace adaos::test {

class LogLines final : public LogSink {
public:
    void write(Level level, std::string_view text, std::span<LogField const> bound,
               std::span<LogField const> fields) override {
        static constexpr char const* names[] = {"debug ", "info ", "warning ", "error "};
        std::string line = names[static_cast<std::size_t>(level)];
        line += text;
        for (auto const& list : {bound, fields})
            for (auto const& f : list) line += ' ' + std::string(f.key) + '=' + f.value;
        lines.push_back(std::move(line));
    }
    [[nodiscard]] Log log() { return Log(*this); }
    [[nodiscard]] bool has(std::string_view part) const {
        for (auto const& line : lines)
            if (line.find(part) != std::string::npos) return true;
        return false;
    }

    std::vector<std::string> lines;
};

}  // namespace adaos::test
