#pragma once
/// A world with a member whose answers are the test's.

#include "identity/node_config.hpp"
#include "member/member.hpp"
#include "support/http_world.hpp"
#include "support/mesh_visitor.hpp"

namespace adaos::test {

/// A member whose answers are the test's.
class ScriptedMember {
public:
    ScriptedMember(Mesh& mesh, MeshNode& hub, Scripted::Script script)
        : mesh_(mesh), node_(mesh.make_node("beta.test")), handler_(std::move(script)) {
        mesh.join(node_, mesh.make_code(hub)).value();
        member::Member::Options options{node_.dir, identity::peek_config(node_.dir).value().value(),
                                        "beta", Secret("unused-control-token")};
        member_ =
            std::make_unique<member::Member>(mesh.env(node_.host, node_.log), std::move(options));
        member_->serve_streams_with(handler_);
        running_.emplace(mesh.loop.start(member_->run()));
        mesh.settle();
    }
    ~ScriptedMember() {
        mesh_.run(member_->stop());
        mesh_.finish(*running_);
        mesh_.settle();
    }
    ScriptedMember(ScriptedMember const&) = delete;
    ScriptedMember& operator=(ScriptedMember const&) = delete;
    [[nodiscard]] int calls() const { return handler_.calls; }

private:
    Mesh& mesh_;
    MeshNode& node_;
    Scripted handler_;
    std::unique_ptr<member::Member> member_;
    std::optional<Pending<void>> running_;
};

struct AbortWorld {
    explicit AbortWorld(Scripted::Script script)
        : hub(mesh.add_hub("alpha.test")),
          member(mesh, hub, std::move(script)),
          token(mesh.make_token(hub, "operate")) {}
    [[nodiscard]] Ask ask(std::string method, std::string const& inner) const {
        return {std::move(method), "/hubs/" + hub.subnet_id + "/nodes/beta" + inner, token};
    }
    Mesh mesh;
    MeshNode& hub;
    ScriptedMember member;
    std::string token;
};

/// What a handler saw of a body.
struct Seen {
    std::uint64_t bytes = 0;
    bool ended = false;   ///< in order
    bool broken = false;  ///< by an error
};

inline net::Task<void> swallow(net::Exchange& exchange, Seen& seen) {
    std::vector<std::byte> buffer(4096);
    for (;;) {
        auto const got = co_await exchange.body().read_some(buffer);
        if (!got) {
            seen.broken = true;
            exchange.abort();
            co_return;
        }
        if (*got == 0) break;
        seen.bytes += *got;
    }
    seen.ended = true;
    (void)co_await net::respond_text(exchange, 200, "text/plain", "thanks");
}

/// Sends for ever; `broken` tells when that stopped working.
inline net::Task<void> pour(net::Exchange& exchange, Seen& seen) {
    net::ResponseHead head;
    net::Framing const framing{net::Framing::Kind::chunked, 0};
    auto sent = co_await exchange.respond(std::move(head), framing);
    std::vector<std::byte> const block(8192);
    while (sent) {
        seen.bytes += block.size();
        sent = co_await exchange.write(block);
    }
    seen.broken = true;
}

inline net::Framing const some_length{net::Framing::Kind::length, 1'000'000};
inline net::Framing const chunked{net::Framing::Kind::chunked, 0};

}  // namespace adaos::test
