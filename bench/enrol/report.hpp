#pragma once
/// What was measured against what was to be reached, for people and for programs.

#include <iosfwd>
#include <string>
#include <vector>

namespace adaos::bench {

struct Line {
    std::string what, unit;
    double value = 0;
    double yardstick = 0;  ///< 0: the value stands for itself
    double target = 0;     ///< of value / yardstick, or of the value
    enum class Goal { at_least, at_most, none } goal = Goal::none;

    [[nodiscard]] double judged() const { return yardstick > 0 ? value / yardstick : value; }
    [[nodiscard]] bool is_met() const;
};

struct Report {
    std::vector<Line> lines;
    [[nodiscard]] bool is_met() const;
};

void print_table(Report const& report, std::ostream& out);
[[nodiscard]] std::string to_json(Report const& report);

}  // namespace adaos::bench
