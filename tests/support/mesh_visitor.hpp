#pragma once
/// A caller with a connection of its own to Root's front, for what one small request cannot show.

#include "net/http_client.hpp"
#include "support/mesh.hpp"

namespace adaos::test {

struct Visitor {
    /// TLS with Root, nothing sent.
    explicit Visitor(Mesh& mesh);
    std::shared_ptr<MeshNetwork::Wire> wire;
    std::unique_ptr<net::HttpClient> client;
};

/// What a caller has of an answer. `whole`: the body ended as it should, `exact`: every byte of it
/// is the probe's (byte i = i mod 251).
struct Answer {
    bool headed = false;
    net::ResponseHead head;
    std::uint64_t bytes = 0;
    bool exact = true;
    bool whole = false;
    std::string start;  ///< the first 4 KiB at most
    std::string error;
};

[[nodiscard]] net::RequestHead head_of(Ask const& ask);
/// `into` is filled as the answer comes.
net::Task<void> read_answer(net::HttpClient& client, Answer& into);
/// The probe's bytes as a body of that length, head included.
net::Task<Result<void>> send_probe(net::HttpClient& client, Ask ask, std::uint64_t bytes);
/// The SHA-256 of that body, hex.
[[nodiscard]] std::string probe_sha256(std::uint64_t bytes);

}  // namespace adaos::test
