// Bodies through Root and hub to a member: exact, however narrow the way, and never short but
// valid.
#include "support/mesh_visitor.hpp"

#include <catch2/catch.hpp>

namespace adaos::transfer_test {

using namespace adaos::test;

namespace {

constexpr std::uint64_t big = 8 * 1024 * 1024;

struct TransferWorld {
    explicit TransferWorld(std::size_t capacity = 64 * 1024) {
        mesh.network.set_capacity(capacity);
        hub = &mesh.add_hub("alpha.test");
        node = &mesh.add_member("beta.test", *hub);
        token = mesh.make_token(*hub, "operate");
    }
    [[nodiscard]] Ask download(std::uint64_t bytes) const {
        return {"GET", path("/api/probe/download?bytes=" + std::to_string(bytes)), token};
    }
    [[nodiscard]] Ask upload() const { return {"POST", path("/api/probe/upload"), token}; }
    [[nodiscard]] std::string path(std::string const& inner) const {
        return "/hubs/" + hub->subnet_id + "/nodes/beta" + inner;
    }
    /// A small request gets its answer: the mesh works.
    bool works() {
        auto const reply = mesh.visit({.path = path("/api/ping")});
        return reply && reply->head.status == 200;
    }

    Mesh mesh;
    MeshNode* hub;
    MeshNode* node;
    std::string token;
};

/// A download that a test looks at while it goes on.
struct Download {
    Download(TransferWorld& w, std::uint64_t bytes) : visitor(w.mesh) {
        w.mesh.run(visitor.client->send(head_of(w.download(bytes)), "")).value();
        reading.emplace(w.mesh.loop.start(read_answer(*visitor.client, answer)));
    }
    Visitor visitor;
    Answer answer;
    std::optional<Pending<void>> reading;
};

struct Upload {
    Upload(TransferWorld& w, Ask ask, std::uint64_t bytes) : visitor(w.mesh) {
        sending.emplace(w.mesh.loop.start(send_probe(*visitor.client, std::move(ask), bytes)));
        reading.emplace(w.mesh.loop.start(read_answer(*visitor.client, answer)));
    }
    Visitor visitor;
    Answer answer;
    std::optional<Pending<Result<void>>> sending;
    std::optional<Pending<void>> reading;
};

/// Turns the loop until `happened`, without any time passing.
template <class F>
void turn_until(Mesh& mesh, F&& happened) {
    mesh.loop.context().restart();
    while (!happened())
        if (mesh.loop.context().poll_one() == 0) throw std::logic_error("it never happened");
}

/// The ways a relayed exchange can lose what is under it.
void break_way(TransferWorld& w, std::string const& how) {
    if (how == "the hub's link is cut") w.mesh.network.cut("alpha.test");
    if (how == "the member's link is cut") w.mesh.network.cut("beta.test");
    if (how == "the hub is silent") w.mesh.network.silence("alpha.test");
    if (how == "the member is silent") w.mesh.network.silence("beta.test");
}

}  // namespace

TEST_CASE("a big body arrives exactly, down and up, through the narrowest pipes", "[relay][slow]") {
    auto const capacity = GENERATE(std::size_t{1500}, std::size_t{64 * 1024});
    TransferWorld w(capacity);

    Download down(w, big);
    w.mesh.finish(*down.reading);
    CHECK(down.answer.head.status == 200);
    CHECK(down.answer.whole);
    CHECK(down.answer.exact);
    CHECK(down.answer.bytes == big);

    Upload up(w, w.upload(), big);
    w.mesh.finish(*up.reading);
    CHECK(w.mesh.finish(*up.sending).has_value());
    CHECK(up.answer.head.status == 200);
    CHECK(json_at(up.answer.start, "bytes") == std::to_string(big));
    CHECK(json_at(up.answer.start, "sha256") == probe_sha256(big));
}

TEST_CASE("a caller that does not read holds nobody else up", "[relay]") {
    TransferWorld w;
    Visitor slow(w.mesh);
    w.mesh.run(slow.client->send(head_of(w.download(big)), "")).value();
    w.mesh.settle();  // as much as all windows together take

    CHECK(w.works());

    Answer answer;
    w.mesh.run(read_answer(*slow.client, answer));
    CHECK(answer.whole);
    CHECK(answer.exact);
    CHECK(answer.bytes == big);
}

TEST_CASE("a download whose way breaks is seen as broken, and the mesh works again", "[relay]") {
    auto const how = GENERATE("the hub's link is cut", "the member's link is cut",
                              "the hub is silent", "the member is silent");
    CAPTURE(how);
    TransferWorld w;
    Download down(w, big);
    turn_until(w.mesh, [&] { return down.answer.bytes > big / 4; });

    break_way(w, how);
    w.mesh.finish(*down.reading, 30s);

    CHECK(down.answer.head.status == 200);
    CHECK_FALSE(down.answer.whole);
    CHECK(down.answer.exact);
    CHECK(down.answer.bytes < big);
    CHECK(w.mesh.linked(*w.hub, 30s));
    CHECK(w.mesh.linked(*w.node, 30s));
    CHECK(w.works());
}

TEST_CASE("an upload whose way breaks is a 502 or a broken connection, and the mesh works again",
          "[relay]") {
    auto const how = GENERATE("the hub's link is cut", "the member's link is cut",
                              "the hub is silent", "the member is silent");
    CAPTURE(how);
    TransferWorld w;
    Upload up(w, w.upload(), big);
    turn_until(w.mesh, [&] { return up.visitor.wire->sent() > big / 4; });

    break_way(w, how);
    w.mesh.finish(*up.reading, 30s);

    if (up.answer.headed)
        CHECK(up.answer.head.status == 502);
    else
        CHECK_FALSE(up.answer.error.empty());
    w.mesh.finish(*up.sending);
    CHECK(w.mesh.linked(*w.hub, 30s));
    CHECK(w.mesh.linked(*w.node, 30s));
    CHECK(w.works());
}

TEST_CASE("a link that breaks before the answer began is a 502 that says so", "[relay]") {
    TransferWorld w;
    Visitor visitor(w.mesh);
    Answer answer;
    net::Framing const framing{net::Framing::Kind::length, 10};
    w.mesh.run(visitor.client->send_head(head_of(w.upload()), framing)).value();
    auto reading = w.mesh.loop.start(read_answer(*visitor.client, answer));
    w.mesh.settle();

    w.mesh.network.cut("alpha.test");
    w.mesh.settle();

    REQUIRE(reading.done());
    CHECK(answer.head.status == 502);
    CHECK(json_at(answer.start, "code") == "ADAOS-R005");
    CHECK(header(answer.head, "Proxy-Status").substr(0, 50) ==
          "adaos-root; error=connection_terminated; details=\"");
}

TEST_CASE("a request on a way that just went silent is a 502 within the time for silence",
          "[relay]") {
    TransferWorld w;
    w.mesh.pass(1min);
    w.mesh.network.unplug(GENERATE("alpha.test", "beta.test"));
    Visitor visitor(w.mesh);
    w.mesh.run(visitor.client->send(head_of({"GET", w.path("/healthz")}), "")).value();
    auto const began = w.mesh.timers.now();

    Answer answer;
    w.mesh.run(read_answer(*visitor.client, answer));

    CHECK(answer.head.status == 502);
    CHECK(json_at(answer.start, "code") == "ADAOS-R005");
    CHECK(w.mesh.timers.now() - began <= 15s);
    CHECK(w.mesh.visit({.path = w.path("/healthz")}).value().head.status == 503);
}

TEST_CASE("a machine that stops lets the transfers under way end, and takes no new ones",
          "[relay]") {
    TransferWorld w;
    auto const who = GENERATE("alpha.test", "beta.test");
    CAPTURE(who);
    auto& machine = std::string_view(who) == "alpha.test" ? *w.hub : *w.node;
    Download down(w, big);
    turn_until(w.mesh, [&] { return down.answer.bytes > big / 4; });
    REQUIRE(down.answer.bytes < big / 2);

    w.mesh.begin_stop(machine);
    auto late = w.mesh.loop.start(w.mesh.visiting({.path = w.path("/api/ping")}));
    w.mesh.finish(*down.reading, 30s);
    w.mesh.end_stop(machine);

    CHECK(down.answer.whole);
    CHECK(down.answer.exact);
    CHECK(down.answer.bytes == big);
    CHECK(w.mesh.finish(late).value().head.status == 503);
}

TEST_CASE("an answer may overtake its request", "[relay]") {
    TransferWorld w;
    auto const [inner, token, status] = GENERATE_REF(table<std::string, std::string, unsigned>({
        {"/nothing/here", w.token, 404},  // the member says so
        {"/api/probe/upload", "", 401},   // the hub does
    }));
    CAPTURE(inner);
    Ask ask{"POST", w.path(inner), token};

    Upload up(w, std::move(ask), big);
    w.mesh.finish(*up.reading, 30s);

    CHECK(up.answer.head.status == status);
    CHECK(up.answer.whole);
    w.mesh.finish(*up.sending);
    CHECK(w.works());
}

TEST_CASE("requests one after another on one connection each get their own answer", "[relay]") {
    TransferWorld w;
    Visitor visitor(w.mesh);

    for (std::uint64_t bytes : {0U, 1U, 65'536U, 65'537U, 300'000U}) {
        w.mesh.run(visitor.client->send(head_of(w.download(bytes)), "")).value();
        Answer answer;
        w.mesh.run(read_answer(*visitor.client, answer));
        CHECK(answer.whole);
        CHECK(answer.exact);
        CHECK(answer.bytes == bytes);
        REQUIRE(visitor.client->reusable());
    }
}

TEST_CASE("many transfers at a time each arrive exactly", "[relay]") {
    TransferWorld w(4096);
    std::vector<std::unique_ptr<Download>> all;
    for (std::uint64_t i = 0; i < 20; ++i)
        all.push_back(std::make_unique<Download>(w, 100'000 + i));

    for (std::uint64_t i = 0; i < 20; ++i) {
        auto& one = *all[i];
        w.mesh.finish(*one.reading);
        CHECK(one.answer.whole);
        CHECK(one.answer.exact);
        CHECK(one.answer.bytes == 100'000 + i);
    }
}

}  // namespace adaos::transfer_test
