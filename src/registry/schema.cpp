#include "registry/nodes.hpp"

#include "state_sql.hpp"  // generated: state/sql/

namespace adaos::registry {

std::span<char const* const> schema() {
    return sql_steps;
}

}  // namespace adaos::registry
