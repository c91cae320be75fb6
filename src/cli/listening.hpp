#pragma once
/// Why a server cannot listen, in terms of the options that say where. Pure.

#include "base/error.hpp"

#include <string>

namespace adaos::cli {

struct Told {
    Error error;
    std::string hint;
};
/// `at` is what net::Network::listen was given, as text ("127.0.0.1:80"). An address that is not
/// this machine's is config_invalid naming --host; a port that needs a privilege names the port.
/// Any other error is left as it is, with the table's hint.
[[nodiscard]] Told explain_listening(Error error, std::string const& at);

}  // namespace adaos::cli
