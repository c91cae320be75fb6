#include "api/tunnel_peers.hpp"

#include "store/atomic_file.hpp"

namespace adaos::api {

std::string peers_conf(std::vector<enrol::Peer> const& peers) {
    std::string out =
        "# Written by adaos at each change; for: wg syncconf <interface> <this file>\n";
    for (auto const& peer : peers) {
        out += "\n# " + peer.name + " " + peer.node_id +
               "\n[Peer]\nPublicKey = " + peer.wg_public_key +
               "\nAllowedIPs = " + peer.overlay_address + "/32\n";
    }
    return out;
}

Result<void> PeersFile::apply(std::vector<enrol::Peer> const& peers) {
    if (auto made = store::make_private_folder(path_.parent_path()); made.has_error()) return made;
    return store::write_file(path_, peers_conf(peers), store::Mode::secret);
}

Result<void> sync_peers(store::Database& db, enrol::Overlay overlay, TunnelPeers& backend) {
    auto freed = db.transaction<void>([&] { return overlay.free_dead(); });
    if (freed.has_error()) return freed;
    auto const behind = overlay.pending();
    if (behind.has_error()) return behind.error();
    if (!*behind) return {};
    auto const peers = overlay.peers();
    if (peers.has_error()) return peers.error();
    if (auto told = backend.apply(*peers); told.has_error()) return told;
    return overlay.applied(**behind);
}

}  // namespace adaos::api
