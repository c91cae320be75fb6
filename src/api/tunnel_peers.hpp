#pragma once
/// Who may enter the tunnel to this authority: where the overlay's peers are told to.

#include "enrol/overlay.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace adaos::api {

/// Takes all peers at once; may be asked again and again. Called on the store's thread.
class TunnelPeers {
public:
    virtual ~TunnelPeers() = default;
    [[nodiscard]] virtual Result<void> apply(std::vector<enrol::Peer> const& peers) = 0;
};

/// For `wg syncconf wg0 peers.conf`, which whoever owns the interface runs when the file changes.
/// The file is 0600 in a 0700 folder and whole at any time.
class PeersFile final : public TunnelPeers {
public:
    explicit PeersFile(std::filesystem::path path) : path_(std::move(path)) {}
    [[nodiscard]] Result<void> apply(std::vector<enrol::Peer> const& peers) override;

private:
    std::filesystem::path path_;
};
[[nodiscard]] std::string peers_conf(std::vector<enrol::Peer> const& peers);

/// Tells the backend what it does not know yet; a failure leaves that for the next call. Not inside
/// a transaction.
[[nodiscard]] Result<void> sync_peers(store::Database& db, enrol::Overlay overlay,
                                      TunnelPeers& backend);

}  // namespace adaos::api
