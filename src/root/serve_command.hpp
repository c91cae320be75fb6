#pragma once
/// `adaos-root serve`.

#include "base/log.hpp"
#include "root/root_app.hpp"

#include <iosfwd>

namespace adaos::root {

struct ServeOptions {
    RootOptions root;
    bool behind_proxy = false;
    std::string cert_life;        ///< "30d"; empty: the default
    std::string recovery_budget;  ///< likewise
    std::string tls_cert_file;
    std::string tls_key_file;
};

/// Serves until a signal; writes address, pin and the token's place to `out` once it is open.
/// Returns the exit code, or the error to print.
[[nodiscard]] Result<int> serve(ServeOptions options, std::ostream& out, Log log);

}  // namespace adaos::root
