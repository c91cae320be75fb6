#include "bench/enrol/report.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>

namespace adaos::bench {
namespace {

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

char const* verdict(Line const& line) {
    if (line.goal == Line::Goal::none) return "";
    return line.is_met() ? "met" : "MISSED";
}

}  // namespace

bool Line::is_met() const {
    switch (goal) {
        case Goal::at_least: return judged() >= target;
        case Goal::at_most: return judged() <= target;
        case Goal::none: return true;
    }
    return true;
}

bool Report::is_met() const {
    return std::all_of(lines.begin(), lines.end(), [](Line const& l) { return l.is_met(); });
}

void print_table(Report const& report, std::ostream& out) {
    out << std::left << std::setw(46) << "" << std::right << std::setw(10) << "measured"
        << std::setw(12) << "yardstick" << std::setw(8) << "ratio" << std::setw(10) << "target"
        << '\n'
        << std::fixed;
    for (auto const& line : report.lines) {
        auto const name = line.what + (line.unit.empty() ? "" : " (" + line.unit + ")");
        out << std::left << std::setw(46) << name << std::right << std::setw(10)
            << std::setprecision(line.value < 10 ? 2 : 1) << line.value;
        if (line.yardstick > 0)
            out << std::setw(12) << std::setprecision(1) << line.yardstick << std::setw(8)
                << std::setprecision(2) << line.judged();
        else
            out << std::setw(20) << "";
        if (line.goal != Line::Goal::none)
            out << std::setw(4) << (line.goal == Line::Goal::at_least ? ">=" : "<=") << std::setw(6)
                << std::setprecision(line.target < 10 ? 2 : 0) << line.target << "  "
                << verdict(line);
        out << '\n';
    }
    out << (report.is_met() ? "all targets are met\n" : "a target is MISSED\n");
}

std::string to_json(Report const& report) {
    Json json;
    json["met"] = report.is_met();
    json["lines"] = Json::array();
    for (auto const& line : report.lines) {
        Json one;
        one["what"] = line.what;
        one["unit"] = line.unit;
        one["value"] = rounded(line.value);
        if (line.yardstick > 0) {
            one["yardstick"] = rounded(line.yardstick);
            one["ratio"] = rounded(line.judged());
        }
        if (line.goal != Line::Goal::none) {
            one[line.goal == Line::Goal::at_least ? "at_least" : "at_most"] = line.target;
            one["met"] = line.is_met();
        }
        json["lines"].push_back(std::move(one));
    }
    return dump_pretty(json) + "\n";
}

}  // namespace adaos::bench
