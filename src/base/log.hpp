#pragma once
/// Structured log lines: constant text first, variables as fields. Never a secret.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adaos {

enum class Level { debug, info, warning, error };

struct LogField {
    std::string_view key;
    std::string value;
};

/// Where lines go. Implementations escape control bytes: a peer's text cannot forge a line.
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual void write(Level level, std::string_view text, std::span<LogField const> bound,
                       std::span<LogField const> fields) = 0;
};

/// Human lines on a terminal, else one JSON object a line; to stderr. Below `least` is dropped.
class StderrSink final : public LogSink {
public:
    enum class Form { human, json };
    StderrSink(Form form, Level least) : form_(form), least_(least) {}
    void write(Level level, std::string_view text, std::span<LogField const> bound,
               std::span<LogField const> fields) override;

private:
    Form form_;
    Level least_;
};

/// Cheap to copy; the sink must outlive it. A default-made Log drops everything.
class Log {
public:
    Log() = default;
    explicit Log(LogSink& sink) : sink_(&sink) {}

    /// This log with one more bound field, which every line then carries.
    [[nodiscard]] Log with(std::string_view key, std::string value) const;

    using Fields = std::initializer_list<LogField>;
    void debug(std::string_view text, Fields f = {}) const { write(Level::debug, text, f); }
    void info(std::string_view text, Fields f = {}) const { write(Level::info, text, f); }
    void warning(std::string_view text, Fields f = {}) const { write(Level::warning, text, f); }
    void error(std::string_view text, Fields f = {}) const { write(Level::error, text, f); }

private:
    void write(Level level, std::string_view text, Fields fields) const;
    LogSink* sink_ = nullptr;
    std::vector<LogField> bound_;
};

}  // namespace adaos
