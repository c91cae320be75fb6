#include "support/mesh_visitor.hpp"

#include "base/bytes.hpp"

#include <vector>

namespace adaos::test {
namespace {

constexpr std::size_t period = 251;
constexpr std::size_t most_kept = 4096;

std::byte probe_byte(std::uint64_t at) {
    return static_cast<std::byte>(at % period);
}

std::vector<std::byte> probe_bytes(std::uint64_t from, std::size_t count) {
    std::vector<std::byte> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = probe_byte(from + i);
    return out;
}

net::Task<Result<net::StreamPtr>> secure(net::TlsContext const& context, net::StreamPtr below) {
    auto done = co_await net::tls_connect(context, std::move(below), Mesh::root_host);
    if (!done) co_return done.error();
    co_return std::move(done->stream);
}

}  // namespace

Visitor::Visitor(Mesh& mesh) {
    net::Endpoint const to{Mesh::root_host, 8443};
    auto below = mesh.run(mesh.caller.connect(to, 1s)).value();
    wire = MeshNetwork::wire_of(*below);
    net::TlsTrust trust;
    trust.ca_fingerprint = mesh.pin();
    auto context = net::TlsContext::make_client(trust).value();
    context.judge_by(mesh.clock);
    client = std::make_unique<net::HttpClient>(mesh.run(secure(context, std::move(below))).value());
}

net::RequestHead head_of(Ask const& ask) {
    net::RequestHead head;
    head.method = ask.method;
    head.target = ask.path;
    head.fields = ask.fields;
    head.fields.add("Host", "root.test:8443");
    if (!ask.token.empty()) head.fields.add("Authorization", "Bearer " + ask.token);
    return head;
}

net::Task<void> read_answer(net::HttpClient& client, Answer& into) {
    auto head = co_await client.read_head();
    if (!head) {
        into.error = head.error().message();
        co_return;
    }
    into.headed = true;
    into.head = std::move(*head);
    std::vector<std::byte> buffer(16 * 1024);
    for (;;) {
        auto const got = co_await client.body().read_some(buffer);
        if (!got) {
            into.error = got.error().message();
            co_return;
        }
        if (*got == 0) break;
        for (std::size_t i = 0; i < *got; ++i)
            into.exact = into.exact && buffer[i] == probe_byte(into.bytes + i);
        auto const room = most_kept - into.start.size();
        into.start += as_text(std::span(buffer).first(std::min(*got, room)));
        into.bytes += *got;
    }
    into.whole = true;
}

net::Task<Result<void>> send_probe(net::HttpClient& client, Ask ask, std::uint64_t bytes) {
    net::Framing const framing{net::Framing::Kind::length, bytes};
    auto head = head_of(ask);
    auto done = co_await client.send_head(std::move(head), framing);
    for (std::uint64_t at = 0; done && at < bytes;) {
        auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes - at, 16 * 1024));
        auto const piece = probe_bytes(at, n);
        done = co_await client.send_body(piece);
        at += n;
    }
    if (!done) co_return done;
    co_return co_await client.finish(net::Fields());
}

std::string probe_sha256(std::uint64_t bytes) {
    return to_hex(sha256(probe_bytes(0, static_cast<std::size_t>(bytes))));
}

}  // namespace adaos::test
