#pragma once
/// The network of a mesh: one MemNetwork, with a cable for every machine that a test can pull.

#include "net/network.hpp"
#include "net/timers.hpp"

#include <memory>
#include <string>

namespace adaos::test {

class MeshNetwork {
public:
    /// How a machine can be reached, and reach others.
    enum class Reach {
        fine,
        refusing,  ///< connections to it are refused; its own ones work
        gone,      ///< no connection to or from it comes about, and nobody is told
    };
    /// One connection, by one who may break it.
    class Wire {
    public:
        virtual ~Wire() = default;
        virtual void cut() = 0;
        /// Bytes that the dialler has put into it.
        [[nodiscard]] virtual std::size_t sent() const = 0;
    };

    /// Where a machine calls itself from: no cable leads there, nothing breaks it.
    static constexpr char const* loopback = "127.0.0.1";

    explicit MeshNetwork(net::Timers& timers);
    ~MeshNetwork();

    /// For new connections.
    void set_reach(std::string const& host, Reach reach);
    /// Resets the open connections of `host`, those that it dialled and those that it took.
    void cut(std::string const& host);
    /// The open connections of `host` stop carrying, without a sign.
    void silence(std::string const& host);
    /// As if its cable were pulled: silence, and no new connection.
    void unplug(std::string const& host);
    void plug(std::string const& host) { set_reach(host, Reach::fine); }
    /// All of them, and all wires that are silent are cut: nothing of a bad time stays.
    void heal();
    /// Bytes buffered per direction of connections made from now on.
    void set_capacity(std::size_t bytes);

    net::Task<Result<net::StreamPtr>> connect(std::string from, net::Endpoint to,
                                              std::chrono::milliseconds timeout);
    Result<std::unique_ptr<net::Acceptor>> listen(net::Endpoint at);
    /// Of a stream that `connect` gave.
    [[nodiscard]] static std::shared_ptr<Wire> wire_of(net::ByteStream& stream);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// What one machine sees of it.
class MeshHost final : public net::Network {
public:
    MeshHost(MeshNetwork& network, std::string name) : network_(network), name_(std::move(name)) {}
    net::Task<Result<net::StreamPtr>> connect(net::Endpoint to,
                                              std::chrono::milliseconds timeout) override;
    Result<std::unique_ptr<net::Acceptor>> listen(net::Endpoint at) override;
    [[nodiscard]] std::string const& name() const noexcept { return name_; }

private:
    MeshNetwork& network_;
    std::string name_;
};

}  // namespace adaos::test
