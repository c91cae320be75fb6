#pragma once
/// The processes of a demo: Root, a hub, a member that joined by Root, one that joined at the hub.

#include "base/error.hpp"
#include "node/child.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace adaos::node {

class DemoSubnet {
public:
    struct Place {
        std::string name, url;  ///< through Root
    };

    /// State goes to folders below `folder`, a line for each step to `progress`.
    DemoSubnet(std::filesystem::path folder, std::ostream& progress);

    /// Errors: incomplete_install, interrupted, timed_out, what a step ended with.
    Result<void> bring_up();
    /// One request to each place. Errors: interrupted, what the first that failed gave.
    Result<void> request_each();
    /// Errors: the process that ended by itself, with the end of its log.
    [[nodiscard]] Result<void> check_running();
    void stop() noexcept;

    [[nodiscard]] std::vector<Place> const& places() const noexcept { return places_; }
    [[nodiscard]] std::string const& root_url() const noexcept { return root_url_; }
    [[nodiscard]] std::string const& subnet() const noexcept { return subnet_; }
    [[nodiscard]] std::string const& pin() const noexcept { return pin_; }
    [[nodiscard]] std::filesystem::path ca_file() const;

private:
    using Words = std::vector<std::string>;
    struct Step {
        std::string who;
        Words words;
        std::string input;  ///< for its stdin
    };

    Result<std::string> adaos(Step const& step) const;
    Result<void> start(std::string const& who, Words argv);
    Result<void> start_node(std::string const& who);
    Result<void> start_root();
    Result<void> start_hub();
    Result<std::string> url_of(std::string const& who) const;
    Result<void> wait_connected(std::string const& who);
    Result<void> join(std::string const& who, Words code_flags, std::string const& root);
    [[nodiscard]] std::string log_of(std::string const& who) const;
    void say(std::string const& line) const;

    std::filesystem::path folder_;
    std::filesystem::path bin_;
    std::ostream& progress_;
    std::vector<std::pair<std::string, Child>> children_;
    std::string root_url_, pin_, subnet_;
    std::vector<Place> places_;
};

}  // namespace adaos::node
