#pragma once
/// Root, a hub and a member whose every answer is held against the description that Root gives.

#include "pki/key.hpp"
#include "support/mesh.hpp"
#include "support/openapi.hpp"

#include <set>
#include <string>
#include <utility>

namespace adaos::test {

/// Variables of this process while it lives: there is a folder of artifacts, a package and a
/// registry's credential.
class MachineSettings {
public:
    MachineSettings();
    ~MachineSettings();
    MachineSettings(MachineSettings const&) = delete;
    MachineSettings& operator=(MachineSettings const&) = delete;

private:
    TempDir folder_;
};

/// A machine that an authority has let in by a join token.
struct DescribedAgent {
    std::string server;
    std::string name;
    pki::Key key;
    std::string cert_pem;
};

class DescribedWorld {
    MachineSettings settings_;  // before the servers read them

public:
    DescribedWorld();

    /// Asks "root", "hub" or "member" as its admin. Fails the test unless the answer has that
    /// status and is, like the request, as described.
    net::Reply ask(std::string const& server, unsigned status, Ask ask);
    /// What stands at `path` in the answer to a GET.
    std::string read(std::string const& server, Ask ask, std::string const& path);
    /// An agent over mTLS.
    net::Reply ask_as(DescribedAgent const& agent, unsigned status, Ask ask);
    /// Holds what somebody else was answered against the description.
    void judge(std::string const& server, Ask const& asked, net::Reply const& reply);

    DescribedAgent let_in(std::string const& server, std::string const& name);
    /// A code of Root or of the hub.
    std::string code_of(std::string const& server);
    /// What a machine with that code sends.
    std::string join_order(std::string const& code);
    std::string csr();
    std::string uuid();

    /// "METHOD path at server" of operations that have not been seen to succeed; no trees.
    [[nodiscard]] std::set<std::string> unseen() const;

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
    MeshNode& member = mesh.add_member("beta.test", hub);
    OpenApi api;

private:
    std::set<std::pair<std::string, std::string>> seen_;  ///< operation, server
};

}  // namespace adaos::test
