#include "support/mesh_network.hpp"

#include "support/mem_network.hpp"

#include <map>
#include <vector>

namespace adaos::test {
namespace {

using Link = std::shared_ptr<MemPipe::Link>;

class MemWire final : public MeshNetwork::Wire {
public:
    explicit MemWire(Link link) : link_(std::move(link)) {}
    void cut() override { link_->cut(); }
    [[nodiscard]] std::size_t sent() const override { return link_->halves[0].carried; }

private:
    Link link_;  // with the two ends
};

}  // namespace

struct MeshNetwork::Parts {
    struct Known {
        std::string from, to;
        std::weak_ptr<MemPipe::Link> link;
    };

    explicit Parts(net::Timers& t) : timers(t), memory(t) {}
    [[nodiscard]] Reach reach(std::string const& host) const {
        auto const at = reaches.find(host);
        return at == reaches.end() ? Reach::fine : at->second;
    }
    /// All of them when `host` is empty.
    std::vector<Link> links_of(std::string const& host) {
        std::vector<Link> found;
        for (auto const& one : known) {
            auto link = one.link.lock();
            if (link && (host.empty() || one.from == host || one.to == host))
                found.push_back(std::move(link));
        }
        std::erase_if(known, [](auto const& one) { return one.link.expired(); });
        return found;
    }

    net::Timers& timers;
    MemNetwork memory;
    std::map<std::string, Reach> reaches;
    std::vector<Known> known;
};

MeshNetwork::MeshNetwork(net::Timers& timers) : parts_(std::make_unique<Parts>(timers)) {}
MeshNetwork::~MeshNetwork() = default;

void MeshNetwork::set_reach(std::string const& host, Reach reach) {
    parts_->reaches[host] = reach;
}

void MeshNetwork::cut(std::string const& host) {
    for (auto const& link : parts_->links_of(host)) link->cut();
}

void MeshNetwork::silence(std::string const& host) {
    for (auto const& link : parts_->links_of(host)) link->silence();
}

void MeshNetwork::unplug(std::string const& host) {
    silence(host);
    set_reach(host, Reach::gone);
}

void MeshNetwork::heal() {
    parts_->reaches.clear();
    for (auto const& link : parts_->links_of(""))
        if (link->is_silent) link->cut();
}

void MeshNetwork::set_capacity(std::size_t bytes) {
    parts_->memory.set_capacity(bytes);
}

net::Task<Result<net::StreamPtr>> MeshNetwork::connect(std::string from, net::Endpoint to,
                                                       std::chrono::milliseconds timeout) {
    auto& p = *parts_;
    if (from == loopback) co_return co_await p.memory.connect_from(from, std::move(to), timeout);
    if (p.reach(from) == Reach::gone || p.reach(to.host) == Reach::gone) {
        co_await net::sleep(p.timers, timeout);
        co_return Error(Problem::timed_out, to.text() + ": no answer");
    }
    if (p.reach(to.host) == Reach::refusing)
        co_return Error(Problem::unreachable, to.text() + ": Connection refused");
    auto const name = to.host;
    auto made = co_await p.memory.connect_from(from, std::move(to), timeout);
    if (made) p.known.push_back({from, name, static_cast<MemPipe&>(**made).link()});
    co_return made;
}

Result<std::unique_ptr<net::Acceptor>> MeshNetwork::listen(net::Endpoint at) {
    return parts_->memory.listen(std::move(at));
}

std::shared_ptr<MeshNetwork::Wire> MeshNetwork::wire_of(net::ByteStream& stream) {
    return std::make_shared<MemWire>(static_cast<MemPipe&>(stream).link());
}

net::Task<Result<net::StreamPtr>> MeshHost::connect(net::Endpoint to,
                                                    std::chrono::milliseconds timeout) {
    return network_.connect(name_, std::move(to), timeout);
}

Result<std::unique_ptr<net::Acceptor>> MeshHost::listen(net::Endpoint at) {
    // Every machine has a loopback of its own.
    if (net::is_loopback(at.host)) at.host += " of " + name_;
    return network_.listen(std::move(at));
}

}  // namespace adaos::test
