#include "bench/enrol/stock.hpp"

#include "api/desk.hpp"
#include "enrol/grants.hpp"
#include "pki/request.hpp"

#include <optional>
#include <thread>

namespace adaos::bench {
namespace {

using Tickets = std::vector<Ticket>;

/// A code takes a scrypt; two cores do two.
constexpr std::size_t minting_threads = 2;

Result<Ticket> make_ticket(enrol::Grants& grants, enrol::Kind kind, std::string name,
                           Random& random) {
    auto const key = pki::Key::make(pki::KeyType::p256);
    if (key.has_error()) return key.error();
    Ticket ticket;
    ticket.node_id = random.uuid();
    ticket.name = std::move(name);
    auto csr = pki::make_request(*key, ticket.node_id);
    if (csr.has_error()) return csr.error();
    ticket.csr_pem = std::move(*csr);
    enrol::MintOrder order;
    order.kind = kind;
    order.subnet_id = subnet_id;
    order.ttl = std::chrono::hours(1);
    order.max_uses = 1;
    order.created_by = "bench";
    auto minted = grants.mint(std::move(order));
    if (minted.has_error()) return minted.error();
    ticket.secret = std::move(minted->secret);
    return ticket;
}

/// Those of `count` whose number is `first`, `first + step`, …
Result<Tickets> mint_some(root::RootDir const& dir, enrol::Kind kind, std::size_t first,
                          std::size_t count, std::size_t step, std::string const& prefix) {
    SystemClock clock;
    SystemRandom random;
    auto files = api::open_desk_files(dir.database(), dir.mac_key(), random);
    if (files.has_error()) return files.error();
    enrol::Grants grants(files->database, files->mac_key, clock, random);
    Tickets made;
    for (auto i = first; i < count; i += step) {
        auto ticket = make_ticket(grants, kind, prefix + std::to_string(i), random);
        if (ticket.has_error()) return ticket.error();
        made.push_back(std::move(*ticket));
    }
    return made;
}

}  // namespace

Result<Tickets> mint_tokens(root::RootDir const& dir, std::size_t count,
                            std::string const& prefix) {
    return mint_some(dir, enrol::Kind::node, 0, count, 1, prefix);
}

Result<Tickets> mint_codes(root::RootDir const& dir, std::size_t count, std::string const& prefix) {
    std::vector<std::optional<Result<Tickets>>> parts(minting_threads);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < minting_threads; ++i)
            threads.emplace_back([&, i] {
                parts[i].emplace(
                    mint_some(dir, enrol::Kind::member, i, count, minting_threads, prefix));
            });
    }
    Tickets all;
    for (auto& part : parts) {
        if (part->has_error()) return part->error();
        for (auto& ticket : **part) all.push_back(std::move(ticket));
    }
    return all;
}

Result<void> add_hub(root::RootDir const& dir) {
    SystemClock clock;
    SystemRandom random;
    auto files = api::open_desk_files(dir.database(), dir.mac_key(), random);
    if (files.has_error()) return files.error();
    registry::Node hub;
    hub.node_id = random.uuid();
    hub.subnet_id = subnet_id;
    hub.role = "hub";
    hub.name = "hub";
    hub.hostname = "hub";
    hub.spki_sha256 = random.hex(32);
    hub.issued_by = "root";
    hub.created_at = hub.updated_at = clock.wall();
    auto const admitted = registry::Nodes(files->database).admit(std::move(hub));
    return admitted.has_error() ? Result<void>(admitted.error()) : Result<void>();
}

}  // namespace adaos::bench
