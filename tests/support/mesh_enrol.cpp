// How machines get into a mesh: what `dev root init` and `node join` do, over the network in
// memory.
#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "identity/credentials.hpp"
#include "identity/runtime_state.hpp"
#include "node/answer.hpp"
#include "node/join_answer.hpp"
#include "node/join_client.hpp"
#include "node/join_journal.hpp"
#include "node/root_init.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"
#include "support/mesh.hpp"

#include <stdexcept>

namespace adaos::test {
namespace {

pki::Key key_at(std::filesystem::path const& path) {
    if (auto const stored = store::read_file(path).value())
        return pki::Key::from_pem(Secret(*stored)).value();
    auto key = pki::Key::make(pki::KeyType::p256).value();
    store::write_file(path, key.to_pem().reveal(), store::Mode::secret).value();
    return key;
}

}  // namespace

HubPapers::HubPapers(std::string id)
    : node_id(std::move(id)),
      key(pki::Key::make(pki::KeyType::p256).value()),
      issuer_key(pki::Key::make(pki::KeyType::p256).value()) {}

net::Reply Mesh::ask_bootstrap(HubPapers const& hub, std::string const& wish) {
    Ask ask{"POST", "/v1/bootstrap_token"};
    ask.fields.add("X-Root-Token", root_token());
    ask.body =
        node::bootstrap_order_json("sha256:" + to_hex(hub.key.spki_sha256()), wish, std::string());
    return visit(std::move(ask)).value();
}

net::Reply Mesh::ask_register(HubPapers const& hub, std::string const& token) {
    Ask ask{"POST", "/v1/subnets/register"};
    ask.fields.add("X-Bootstrap-Token", token);
    node::RegisterOrder const order{pki::make_request(hub.key, hub.node_id).value(),
                                    pki::make_request(hub.issuer_key, "subnet issuer").value(),
                                    hub.node_id, "some-host", ""};
    ask.body = node::to_json(order);
    return visit(std::move(ask)).value();
}

Result<void> Mesh::register_hub(MeshNode& hub, std::string wish) {
    auto config = identity::load_config(hub.dir, random).value().config;
    HubPapers papers(config.node_id);
    papers.key = key_at(hub.dir.hub_key());
    papers.issuer_key = key_at(hub.dir.issuer_key());
    auto const first = ask_bootstrap(papers, wish.empty() ? config.subnet_id : wish);
    if (first.head.status != 201) return node::problem_of(first);
    auto const token = node::parse_bootstrap_answer(first.body).value();
    auto const second = ask_register(papers, token.reveal());
    if (second.head.status != 201) return node::problem_of(second);
    auto const answer = node::parse_register_answer(second.body).value();
    node::RegisterExpectation const expected{papers.key, papers.issuer_key, config.node_id, wish,
                                             pin(),      clock.wall()};
    if (auto sound = node::check_register_answer(answer, expected); !sound) return sound;
    using store::Mode;
    store::write_file(hub.dir.anchors(), answer.ca_pem, Mode::readable).value();
    store::write_file(hub.dir.hub_cert(), answer.cert_pem, Mode::readable).value();
    store::write_file(hub.dir.issuer_cert(), answer.issuer_cert_pem, Mode::readable).value();
    config.subnet_id = answer.subnet_id;
    config.root_base_url = root_url;
    config.root_ca_fingerprint = pin();
    config.node_names = {hub.name().substr(0, hub.name().find('.'))};
    hub.id = config.node_id;
    hub.subnet_id = config.subnet_id;
    return identity::save_config(hub.dir, config);
}

std::string Mesh::make_code(MeshNode& hub, std::string const& mode) {
    auto const body = "{\"mode\":\"" + mode + "\"}";
    auto const reply = local(hub, {"POST", "/api/node/join-code", "", body}).value();
    if (reply.head.status != 201) throw std::logic_error("no code: " + reply.body);
    return json_at(reply.body, "code");
}

net::Reply Mesh::replay_join(MeshNode& node) {
    return visit({"POST", "/v1/subnets/join", "", node.join_body}).value();
}

Result<void> Mesh::join(MeshNode& node, std::string const& code, std::string const& door,
                        std::string const& hub_url) {
    auto const loaded = identity::plan_config(node.dir, random).value();
    auto const attempt =
        node::begin_attempt(node.dir, loaded, door, Secret(code), clock, random).value();
    auto const& journal = attempt.journal;
    auto const csr = pki::make_request(attempt.key, journal.node_id).value();
    auto const host = node.name().substr(0, node.name().find('.'));
    auto const body =
        node::to_json(node::JoinBody{journal.node_id, host, "", csr, journal.attempt_id});
    node.join_body = "{\"code\":\"" + code + "\"," + body.substr(1);  // as a script sends it
    node::JoinOrder order;
    order.root = net::parse_url(door).value();
    bool const at_root = door == root_url;
    if (at_root) order.trust.ca_fingerprint = pin();
    order.code = enrol::parse_code(code).value();
    order.order = body;
    // At a hub: from its own machine.
    net::Network& from = at_root ? static_cast<net::Network&>(node.host) : inside;
    node::JoinClient client(from, timers, random, std::move(order), [](std::string_view) {});
    auto const reply = run(client.run());
    if (!reply) return reply.error();
    auto const answer = node::parse_join_answer(reply->body).value();
    node::JoinExpectation const expected{attempt.key, journal.node_id, at_root ? pin() : "",
                                         clock.wall()};
    if (auto sound = node::check_join_answer(answer, expected); !sound) return sound;

    identity::Membership membership;
    auto& config = membership.config;
    config = loaded.config;
    config.node_id = journal.node_id;
    config.subnet_id = answer.subnet_id;
    config.role = identity::Role::member;
    config.hub_url = answer.hub_url.empty() ? door : answer.hub_url;
    if (!hub_url.empty()) config.hub_url = hub_url;
    config.hub_node_id = answer.hub_node_id;
    config.node_names = {answer.node_name};
    config.root_base_url = answer.root_url;
    config.root_ca_fingerprint = at_root ? pin() : "";
    membership.chain_pem = answer.cert_pem;
    membership.anchors_pem = answer.ca_pem;
    node.id = config.node_id;
    node.subnet_id = config.subnet_id;
    return identity::store_membership(node.dir, membership);
}

void Mesh::remove_from(MeshNode& hub, std::string const& node_id) {
    auto const path = "/v1/nodes/" + member(hub, node_id, "name");
    auto const reply = local(hub, {.method = "DELETE", .path = path}).value();
    if (reply.head.status != 204) throw std::logic_error("not removed: " + reply.body);
}

std::string Mesh::make_token(MeshNode& hub, std::string const& scope, std::string const& ttl) {
    auto const body = "{\"name\":\"some\",\"scope\":\"" + scope + "\",\"ttl\":\"" + ttl + "\"}";
    auto const reply = local(hub, {"POST", "/api/access/tokens", "", body}).value();
    return json_at(reply.body, "token");
}

}  // namespace adaos::test
