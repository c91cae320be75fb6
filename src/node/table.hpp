#pragma once
/// Columns for people, aligned by blanks; control bytes of names are not passed on.

#include <string>
#include <vector>

namespace adaos::node {

class Table {
public:
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    /// One line a row; two blanks between columns, none at the end.
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace adaos::node
