#include "enrol/overlay.hpp"

#include "base/problem.hpp"

#include <charconv>

namespace adaos::enrol {
namespace {

constexpr std::size_t wg_key_bytes = 32;

Error bad_address(std::string why) {
    return Error(Problem::invalid_field, "overlay_address: " + std::move(why));
}

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) noexcept {
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        auto const end = part == 3 ? text.size() : text.find('.');
        if (end == std::string_view::npos || end == 0 || end > 3) return std::nullopt;
        auto const digits = text.substr(0, end);
        unsigned value = 0;
        auto const [stop, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        bool const padded = digits.size() > 1 && digits.front() == '0';
        if (failed != std::errc() || stop != digits.data() + digits.size() || padded || value > 255)
            return std::nullopt;
        address = address << 8 | value;
        text.remove_prefix(part == 3 ? end : end + 1);
    }
    return address;
}

std::string ipv4_text(std::uint32_t address) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8)
        out += std::to_string(address >> shift & 255U) + (shift == 0 ? "" : ".");
    return out;
}

bool is_wg_key(std::string_view text) {
    auto const key = from_base64(text);
    return key && key->size() == wg_key_bytes;
}

Result<OverlayNet> OverlayNet::parse(std::string_view text) {
    auto const refused = Error(Problem::config_invalid,
                               "overlay network: like 10.77.0.0/16, a prefix of 8 to 30 bits");
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) return refused;
    auto const address = parse_ipv4(text.substr(0, slash));
    auto const bits = text.substr(slash + 1);
    OverlayNet net;
    auto const [stop, failed] = std::from_chars(bits.data(), bits.data() + bits.size(), net.prefix);
    if (!address || failed != std::errc() || stop != bits.data() + bits.size()) return refused;
    if (net.prefix < 8 || net.prefix > 30) return refused;
    net.first = *address;
    if ((net.last() - net.first) != ((std::uint32_t{1} << (32 - net.prefix)) - 1)) return refused;
    return net;
}

/// Reservations of invites that nobody can redeem any more, addresses of removed nodes.
Result<void> Overlay::free_dead() {
    auto gone = db_.prepare(
        "DELETE FROM peers WHERE (node_id IS NULL AND grant_id IN (SELECT id FROM grants WHERE "
        "revoked_at IS NOT NULL OR superseded_by IS NOT NULL OR expires_at <= ?1)) OR node_id IN "
        "(SELECT node_id FROM nodes WHERE removed_at IS NOT NULL)");
    gone.bind(1, to_millis(clock_.wall()));
    if (auto done = gone.run(); done.has_error()) return done;
    return db_.changes() > 0 ? note_change() : Result<void>();
}

Result<std::string> Overlay::lowest_free() {
    auto rows = db_.prepare("SELECT overlay_address FROM peers");
    std::vector<bool> taken;  // by distance from the first one; as long as it must be
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) break;
        auto const address = parse_ipv4(rows.text(0));
        if (!address || !net_.may_give(*address)) continue;
        auto const at = static_cast<std::size_t>(*address - net_.first);
        if (taken.size() <= at) taken.resize(at + 1);
        taken[at] = true;
    }
    for (auto address = net_.first + 2; net_.may_give(address); ++address) {
        auto const at = static_cast<std::size_t>(address - net_.first);
        if (at >= taken.size() || !taken[at]) return ipv4_text(address);
    }
    return bad_address("none is left");
}

Result<void> Overlay::insert(Owner const& owner, std::string const& address) {
    auto put = db_.prepare(
        "INSERT INTO peers (overlay_address, subnet_id, grant_id, node_id, wg_public_key, "
        "added_by, updated_at) VALUES (?1, ?2, nullif(?3, ''), nullif(?4, ''), NULL, '', ?5)");
    put.bind(1, address).bind(2, owner.subnet_id).bind(3, owner.grant_id).bind(4, owner.node_id);
    put.bind(5, to_millis(clock_.wall()));
    auto done = put.run();
    if (done.has_error() && store::is_constraint(done.error()))
        return bad_address("another machine has it");
    return done;
}

Result<std::string> Overlay::reserve(Owner const& owner, std::string_view wanted) {
    if (auto freed = free_dead(); freed.has_error()) return freed.error();
    std::string address(wanted);
    if (wanted == "auto") {
        auto const found = lowest_free();
        if (found.has_error()) return found.error();
        address = *found;
    } else {
        auto const parsed = parse_ipv4(wanted);
        if (!parsed) return bad_address("auto, or like 10.77.0.42");
        if (!net_.may_give(*parsed))
            return bad_address("not one of " + ipv4_text(net_.first) + "/" +
                               std::to_string(net_.prefix) + " that may be given");
    }
    if (auto put = insert(owner, address); put.has_error()) return put.error();
    return address;
}

Result<std::string> Overlay::settle(Owner const& owner, std::string_view wg_public_key) {
    if (auto freed = free_dead(); freed.has_error()) return freed.error();
    auto const known = find(owner.node_id);
    if (known.has_error()) return known.error();
    std::string reserved;
    {
        auto row = db_.prepare(
            "SELECT overlay_address FROM peers WHERE grant_id = ?1 AND node_id IS NULL");
        row.bind(1, owner.grant_id);
        auto const there = row.step();
        if (there.has_error()) return there.error();
        if (*there) reserved = row.text(0);
    }
    std::string key(wg_public_key);
    if (!reserved.empty()) {
        // A machine that comes again with an invite for another address moves there.
        if (*known) {
            if (key.empty()) key = (*known)->wg_public_key;
            auto leave = db_.prepare("DELETE FROM peers WHERE node_id = ?1");
            leave.bind(1, owner.node_id);
            if (auto done = leave.run(); done.has_error()) return done.error();
        }
        auto take = db_.prepare("UPDATE peers SET node_id = ?2 WHERE overlay_address = ?1");
        take.bind(1, reserved).bind(2, owner.node_id);
        if (auto done = take.run(); done.has_error()) return done.error();
    } else if (*known) {
        reserved = (*known)->overlay_address;
    } else {
        Owner fresh = owner;
        fresh.grant_id.clear();
        auto const given = reserve(fresh, "auto");
        if (given.has_error()) return given.error();
        reserved = *given;
    }
    if (key.empty()) return reserved;
    if (auto done = set_key(owner.node_id, key, owner.node_id); done.has_error())
        return done.error();
    return reserved;
}

Result<void> Overlay::set_key(std::string_view node_id, std::string_view key,
                              std::string_view actor) {
    if (!is_wg_key(key))
        return Error(Problem::invalid_field, "wg_public_key: base64 of a key of 32 bytes");
    auto put = db_.prepare(
        "UPDATE peers SET wg_public_key = ?2, added_by = ?3, updated_at = ?4 WHERE node_id = ?1");
    put.bind(1, node_id).bind(2, key).bind(3, actor).bind(4, to_millis(clock_.wall()));
    auto done = put.run();
    if (done.has_error() && store::is_constraint(done.error()))
        return Error(Problem::invalid_field, "wg_public_key: another machine has it");
    if (done.has_error()) return done;
    return note_change();
}

Result<Peer> Overlay::put(Owner const& owner, std::string_view address,
                          std::string_view wg_public_key, std::string_view actor) {
    if (auto freed = free_dead(); freed.has_error()) return freed.error();
    auto const known = find(owner.node_id);
    if (known.has_error()) return known.error();
    bool const moves = *known && !address.empty() && (*known)->overlay_address != address;
    if (moves) {
        auto leave = db_.prepare("DELETE FROM peers WHERE node_id = ?1");
        leave.bind(1, owner.node_id);
        if (auto done = leave.run(); done.has_error()) return done.error();
    }
    if (moves || !*known) {
        auto const given = reserve(owner, address.empty() ? "auto" : address);
        if (given.has_error()) return given.error();
    }
    if (auto done = set_key(owner.node_id, wg_public_key, actor); done.has_error())
        return done.error();
    auto const now = find(owner.node_id);
    if (now.has_error()) return now.error();
    if (!*now) return Error(Problem::internal, "the peer is gone");
    return **now;
}

namespace {

constexpr std::string_view select_peers =
    "SELECT p.overlay_address, p.subnet_id, p.node_id, coalesce(p.wg_public_key, ''), p.added_by, "
    "n.name FROM peers p JOIN nodes n ON n.node_id = p.node_id ";

Peer read_peer(store::Statement const& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)};
}

}  // namespace

Result<std::optional<Peer>> Overlay::find(std::string_view node_id) {
    auto row = db_.prepare(std::string(select_peers) + "WHERE p.node_id = ?1");
    row.bind(1, node_id);
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<Peer>();
    return std::optional(read_peer(row));
}

Result<std::vector<Peer>> Overlay::peers() {
    auto rows = db_.prepare(std::string(select_peers) +
                            "WHERE p.wg_public_key IS NOT NULL AND n.removed_at IS NULL "
                            "ORDER BY p.overlay_address");
    std::vector<Peer> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        found.push_back(read_peer(rows));
    }
}

Result<std::vector<std::string>> Overlay::host_ids(std::string_view subnet_id,
                                                   std::string_view after, int limit) {
    auto rows = db_.prepare(
        "SELECT node_id FROM nodes WHERE removed_at IS NULL AND (?1 = '' OR subnet_id = ?1) AND "
        "node_id > ?2 AND (node_id IN (SELECT node_id FROM peers) OR node_id IN (SELECT r.node_id "
        "FROM redemptions r JOIN grants g ON g.id = r.grant_id WHERE g.kind = 'host')) "
        "ORDER BY node_id LIMIT ?3");
    rows.bind(1, subnet_id).bind(2, after).bind(3, std::int64_t{limit});
    std::vector<std::string> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        found.push_back(rows.text(0));
    }
}

Result<std::optional<std::int64_t>> Overlay::pending() {
    auto row = db_.prepare("SELECT wanted, applied FROM peers_outbox WHERE id = 1");
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there || row.integer(0) == row.integer(1)) return std::optional<std::int64_t>();
    return std::optional(row.integer(0));
}

Result<void> Overlay::applied(std::int64_t wanted) {
    auto put = db_.prepare("UPDATE peers_outbox SET applied = max(applied, ?1) WHERE id = 1");
    put.bind(1, wanted);
    return put.run();
}

Result<void> Overlay::note_change() {
    return db_.prepare("UPDATE peers_outbox SET wanted = wanted + 1 WHERE id = 1").run();
}

}  // namespace adaos::enrol
