#include "registry/inventory.hpp"

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

#include <algorithm>

namespace adaos::registry {
namespace {

constexpr std::size_t max_word_bytes = 64;
constexpr std::size_t max_host_bytes = 255;  // RFC 1035

Error bad_item(std::string why) {
    return Error(Problem::invalid_field, std::move(why));
}

bool is_printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> check_item(InventoryItem const& item) {
    if (!is_node_id(item.node_id)) return bad_item("node_id: a lower-case UUID");
    if (!is_subnet_id(item.subnet_id)) return bad_item("subnet_id");
    if (item.host.empty() || item.host.size() > max_host_bytes || !is_printable(item.host))
        return bad_item("host: 1 to 255 bytes, no control characters");
    if (!is_node_label(item.name) || is_node_id(item.name))
        return bad_item("name: a lower-case RFC 1123 label of at most 63 characters");
    for (auto const* const word : {&item.sku, &item.region})
        if (word->size() > max_word_bytes || !is_printable(*word))
            return bad_item("sku, region: at most 64 bytes, no control characters");
    if (item.onboarding_mode != "manual" && item.onboarding_mode != "maas")
        return bad_item("onboarding_mode: manual or maas");
    return {};
}

}  // namespace

Result<Node> NodeInventory::add(InventoryItem item) {
    if (item.name.empty()) {
        item.name = name_from_hostname(item.host.substr(0, item.host.find('.')));
        std::replace(item.name.begin(), item.name.end(), '_', '-');
    }
    if (auto fine = check_item(item); fine.has_error()) return fine.error();
    Nodes nodes(db_);
    auto const changed = nodes.next_change(item.subnet_id, item.created_at);
    if (changed.has_error()) return changed.error();
    auto put = db_.prepare(
        "INSERT INTO nodes (node_id, subnet_id, role, name, hostname, zone, spki_sha256, "
        "issued_by, created_at, updated_at, enrolment) VALUES (?1, ?2, 'member', ?3, ?4, '', '', "
        "'root', ?5, ?6, 'invited')");
    put.bind(1, item.node_id).bind(2, item.subnet_id).bind(3, item.name).bind(4, item.host);
    put.bind(5, to_millis(item.created_at)).bind(6, to_millis(*changed));
    auto done = put.run();
    if (done.has_error() && store::is_constraint(done.error()))
        return Error(Problem::name_taken, "node_name " + item.name);
    if (done.has_error()) return done.error();
    auto note = db_.prepare(
        "INSERT INTO inventory (node_id, host, sku, region, onboarding_mode, created_at, "
        "created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    note.bind(1, item.node_id).bind(2, item.host).bind(3, item.sku).bind(4, item.region);
    note.bind(5, item.onboarding_mode).bind(6, to_millis(item.created_at)).bind(7, item.created_by);
    if (auto noted = note.run(); noted.has_error()) return noted.error();
    auto const stored = nodes.find(item.node_id);
    if (stored.has_error()) return stored.error();
    if (!*stored) return Error(Problem::internal, "the new row is gone");
    return **stored;
}

Result<std::optional<InventoryItem>> NodeInventory::find(std::string_view node_id) {
    auto row = db_.prepare(
        "SELECT i.node_id, n.subnet_id, n.name, i.host, i.sku, i.region, i.onboarding_mode, "
        "i.created_at, i.created_by FROM inventory i JOIN nodes n ON n.node_id = i.node_id WHERE "
        "i.node_id = ?1");
    row.bind(1, node_id);
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<InventoryItem>();
    return std::optional(InventoryItem{row.text(0), row.text(1), row.text(2), row.text(3),
                                       row.text(4), row.text(5), row.text(6),
                                       from_millis(row.integer(7)), row.text(8)});
}

}  // namespace adaos::registry
