#include "node/prove_code.hpp"

#include "base/problem.hpp"
#include "enrol/pake_world.hpp"
#include "support/run.hpp"

#include <catch2/catch.hpp>

#include <memory>

namespace adaos::prove_code_test {

using namespace adaos::node;

namespace {

constexpr char const* no_such_run = R"({"code":"ADAOS-B001","detail":"no such run"})";
constexpr char const* code_used = R"({"code":"ADAOS-J005"})";
constexpr char const* of_a_proxy = "<html>too slow</html>";

/// A door that answers the steps up to one fairly, and that one as it is told.
struct Door {
    std::string last_path;  ///< ends with this
    unsigned status;
    std::string body;
    test::SeededRandom random;
    std::unique_ptr<enrol::PakeServer> run;

    Door(std::string at, unsigned with, std::string what)
        : last_path(std::move(at)), status(with), body(std::move(what)) {}

    net::Reply answer(std::string const& path, std::string const& request) {
        net::Reply reply;
        reply.head.status = path.ends_with(last_path) ? status : 200;
        reply.body = path.ends_with(last_path)  ? body
                     : path.ends_with("params") ? begin(request)
                                                : share(request);
        return reply;
    }
    std::string begin(std::string const& request) {
        run = std::make_unique<enrol::PakeServer>(request, "root",
                                                  enrol::test::make_verifier("ABCDEFGH"), random);
        return run->params_body();
    }
    std::string share(std::string const& request) const {
        return enrol::write_json(run->take_share(enrol::parse_share(request).value()).value());
    }
};

net::Task<Result<net::Reply>> post_to(Door* door, std::string path, std::string body) {
    co_return door->answer(path, body);
}

/// How far the proof came at this door.
ProofTrace prove_at(Door& door) {
    test::SeededRandom random;
    ProofTrace trace;
    PostTo const post = [&door](std::string path, std::string body) {
        return post_to(&door, std::move(path), std::move(body));
    };
    auto const proof =
        test::run(prove_code(post, Secret("ABCDEFGH"), std::string("order"), random, trace));
    CHECK(proof.has_error());
    return trace;
}

}  // namespace

TEST_CASE("a run that its door has lost is no refusal, and worth another", "[node][join][proof]") {
    auto const* const step = GENERATE("share", "finish");
    Door door(step, 400, no_such_run);

    auto const trace = prove_at(door);

    CHECK(trace.is_lost);
    CHECK(trace.may_pass);
    CHECK_FALSE(trace.is_refused);
    CHECK(trace.is_sent == (std::string(step) == "finish"));
}

TEST_CASE("a request that a door does not take at all is refused", "[node][join][proof]") {
    Door door("params", 400, no_such_run);

    auto const trace = prove_at(door);

    CHECK(trace.is_refused);
    CHECK_FALSE(trace.may_pass);
}

TEST_CASE("only a door's own word ends an order that went out", "[node][join][proof]") {
    Door door("finish", 409, code_used);
    CHECK(prove_at(door).is_refused);

    Door behind_a_proxy("finish", 408, of_a_proxy);
    auto const trace = prove_at(behind_a_proxy);
    CHECK_FALSE(trace.is_refused);
    CHECK(trace.is_sent);
}

TEST_CASE("a run that began is at a door, whoever says later that there is none",
          "[node][join][proof]") {
    auto const* const step = GENERATE("share", "finish");
    Door door(step, 404, of_a_proxy);
    auto const trace = prove_at(door);
    CHECK(trace.is_begun);
    CHECK_FALSE(trace.is_refused);
}

}  // namespace adaos::prove_code_test
