#pragma once
/// The words of `adaos service`; cli.cpp has the nouns above.

#include "node/add_verb.hpp"
#include "node/command_services.hpp"

namespace adaos::node {

class ServicesCli {
public:
    explicit ServicesCli(Context& context) : context_(context) {}
    /// Lives as long as `service` may be parsed.
    void add(CLI::App* service, AddVerb const& verb);

private:
    Context& context_;
    ServiceAddOptions add_;
    std::string removed_;
};

}  // namespace adaos::node
