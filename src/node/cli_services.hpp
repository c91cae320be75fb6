#pragma once
/// The words of `adaos service` and `adaos connect`; cli.cpp has the nouns above.

#include "node/add_verb.hpp"
#include "node/command_connect.hpp"
#include "node/command_services.hpp"

namespace adaos::node {

class ServicesCli {
public:
    explicit ServicesCli(Context& context) : context_(context) {}
    /// Lives as long as `service` may be parsed.
    void add(CLI::App* service, AddVerb const& verb);
    void add_connect(CLI::App* above, AddVerb const& verb);

private:
    Context& context_;
    ServiceAddOptions add_;
    std::string removed_;
    ConnectOptions connect_;
};

}  // namespace adaos::node
