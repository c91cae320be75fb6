#include "base/names.hpp"
#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "identity/renewal.hpp"
#include "identity/runtime_state.hpp"
#include "node/answer.hpp"
#include "node/command.hpp"
#include "node/folder_lock.hpp"
#include "node/join_options.hpp"
#include "node/local_hosts.hpp"
#include "node/local_node.hpp"
#include "node/root_init.hpp"
#include "node/run_loop.hpp"
#include "pki/request.hpp"
#include "store/atomic_file.hpp"

#include <ostream>

namespace adaos::node {
namespace {

constexpr std::chrono::seconds registration_limit{30};

struct RootWish {
    net::Url root;
    std::string pin, zone, subnet_id;
};

Result<RootWish> check(RootInitOptions const& options) {
    auto root = parse_url_option("--root", options.root);
    if (!root) return root.error();
    auto pin = parse_pin_option(options.ca_fingerprint, *root);
    if (!pin) return pin.error();
    auto zone = parse_zone_option(options.zone);
    if (!zone) return zone.error();
    auto const subnet = options.subnet_id.value_or("");
    if (options.subnet_id && !is_subnet_id(subnet))
        return Error(Problem::invalid_field, "--subnet-id: sn_ and 8 lower-case hex digits");
    if (root->scheme != "https" && !net::is_loopback(root->host)) {
        return Error(Problem::invalid_field,
                     "--root: the root token is only sent over https, or to this machine");
    }
    return RootWish{std::move(*root), std::move(*pin), std::move(*zone), subnet};
}

class RootInit {
public:
    RootInit(Context& context, identity::BaseDir const& dir, RootWish const& wish)
        : context_(context), dir_(dir), wish_(wish) {}

    Result<RootInitDone> run(RootInitOptions const& options) {
        auto loaded = identity::load_config(dir_, context_.random);
        if (!loaded) return loaded.error();
        config_ = std::move(loaded->config);
        if (config_.role != identity::Role::hub)
            return Error(Problem::join_conflict, "a member of " + config_.subnet_id);
        if (auto ca = find_reusable()) return done(*ca, true);
        if (auto free = check_free(); free.has_error()) return free.error();
        auto token = cli::read_secret(options.token, context_.secret_ways());
        if (!token) return token.error();
        auto made = make_keys();
        if (made.has_error()) return made.error();
        // The provisional id is kept when it can be: members admitted under it stay admitted.
        auto answer = ask(*token, wish_.subnet_id.empty() ? config_.subnet_id : wish_.subnet_id);
        if (!answer && answer.error().code == Problem::subnet_taken && wish_.subnet_id.empty())
            answer = ask(*token, "");
        if (!answer) return answer.error();
        // Over https TLS has proved the pin, which may be that of a proxy's own certificate.
        auto const pin = wish_.root.scheme == "https" ? std::string() : wish_.pin;
        RegisterExpectation const expected{*key_,           *issuer_key_, config_.node_id,
                                           wish_.subnet_id, pin,          context_.clock.wall()};
        auto const sound = check_register_answer(*answer, expected);
        if (sound.has_error()) return sound.error();
        if (auto stored = store(*answer); stored.has_error()) return stored.error();
        return done(*pki::Certificate::from_pem(answer->ca_pem), false);
    }

private:
    /// A hub has one Root: its subnet's address and every join lead there.
    Result<void> check_free() const {
        auto const known = net::parse_url(config_.root_base_url);
        if (!known || known->origin() == wish_.root.origin()) return {};
        return Error(Problem::join_conflict, "it is the hub of " + config_.subnet_id +
                                                 ", registered at " + config_.root_base_url);
    }

    /// Root's CA, when this hub's identity is whole, valid, and from the Root that is meant.
    std::optional<pki::Certificate> find_reusable() const {
        auto const known = net::parse_url(config_.root_base_url);
        if (!known || known->origin() != wish_.root.origin()) return std::nullopt;
        if (!wish_.subnet_id.empty() && wish_.subnet_id != config_.subnet_id) return std::nullopt;
        auto const stored = identity::load_credentials(dir_, identity::Role::hub);
        if (!stored || !*stored || identity::is_lost(dir_)) return std::nullopt;
        auto ca = pki::Certificate::from_pem((*stored)->anchors_pem);
        if (!ca) return std::nullopt;
        bool const same_pin = wish_.pin.empty() || wish_.pin == config_.root_ca_fingerprint ||
                              wish_.pin == ca->fingerprint();
        if (!same_pin) return std::nullopt;
        auto const now = context_.clock.wall();
        auto const leaf = pki::verify_chain((*stored)->chain_pem, (*stored)->anchors_pem, now);
        if (!leaf || leaf->node() != pki::NodeIdentity{config_.subnet_id, config_.node_id, true})
            return std::nullopt;
        auto const issuer = store::read_file(dir_.issuer_cert());
        auto const issuer_key = store::read_file(dir_.issuer_key());
        if (!issuer || !*issuer || !issuer_key || !*issuer_key) return std::nullopt;
        auto const above = pki::verify_chain(**issuer, (*stored)->anchors_pem, now);
        auto const key = pki::Key::from_pem(Secret(**issuer_key));
        if (!above || !key || !above->matches(*key)) return std::nullopt;
        return std::move(*ca);
    }

    /// Root binds the node id to the key, so keys that are there are used again.
    Result<void> make_keys() {
        auto const lock = identity::lock_keys(dir_);  // `api serve` may be making them right now
        if (!lock) return lock.error();
        auto key = identity::key_at(dir_.hub_key());
        if (!key) return key.error();
        auto issuer_key = identity::key_at(dir_.issuer_key());
        if (!issuer_key) return issuer_key.error();
        key_ = std::move(*key);
        issuer_key_ = std::move(*issuer_key);
        return {};
    }

    Result<net::Reply> post(char const* path, char const* header, Secret const& token,
                            std::string body) const {
        net::Fetch request;
        request.method = "POST";
        request.url = wish_.root;
        request.url.path = path;
        request.fields = json_fields();
        request.fields.add(header, token.reveal());
        request.body = std::move(body);
        if (!wish_.pin.empty()) request.trust.ca_fingerprint = wish_.pin;
        request.timeout = registration_limit;
        RunLoop loop;
        auto reply = loop.run(net::fetch(loop.network(), loop.timers(), std::move(request)));
        if (reply && reply->head.status / 100 != 2) {
            auto const missing = reply->head.status == 404 || reply->head.status == 405;
            if (missing) return Error(Problem::bad_answer, wish_.root.origin() + " is no Root");
            return problem_of(*reply);
        }
        return reply;
    }

    Result<RegisterAnswer> ask(Secret const& root_token, std::string const& subnet) const {
        auto const fingerprint = "sha256:" + to_hex(key_->spki_sha256());
        auto const first = post("/v1/bootstrap_token", "X-Root-Token", root_token,
                                bootstrap_order_json(fingerprint, subnet, wish_.zone));
        if (!first) return first.error();
        auto const token = parse_bootstrap_answer(first->body);
        if (!token) return token.error();
        auto csr = pki::make_request(*key_, config_.node_id);
        if (!csr) return csr.error();
        auto issuer_csr = pki::make_request(*issuer_key_, "subnet issuer");
        if (!issuer_csr) return issuer_csr.error();
        RegisterOrder const order{std::move(*csr), std::move(*issuer_csr), config_.node_id,
                                  host_name(), wish_.zone};
        auto const second =
            post("/v1/subnets/register", "X-Bootstrap-Token", *token, to_json(order));
        if (!second) return second.error();
        return parse_register_answer(second->body);
    }

    /// node.yaml last: until then this is the hub it was, and a set that does not fit together is
    /// repaired from the same keys.
    Result<void> store(RegisterAnswer const& answer) {
        struct Part {
            std::filesystem::path path;
            std::string const& text;
        };
        auto const lock = identity::lock_keys(dir_);
        if (!lock) return lock.error();
        Part const parts[]{{dir_.anchors(), answer.ca_pem},
                           {dir_.hub_cert(), answer.cert_pem},
                           {dir_.issuer_cert(), answer.issuer_cert_pem}};
        for (auto const& part : parts) {
            auto const written = store::write_file(part.path, part.text, store::Mode::readable);
            if (written.has_error()) return written.error();
        }
        config_.subnet_id = answer.subnet_id;
        config_.root_base_url = wish_.root.origin();
        config_.root_ca_fingerprint = wish_.pin;
        if (!wish_.zone.empty()) config_.zone_id = wish_.zone;
        auto const edited = identity::edit_runtime(
            dir_, [&](identity::RuntimeState& s) { identity::copy_identity(config_, s); });
        if (!edited) return edited.error();
        auto const saved = identity::save_config(dir_, config_);
        if (saved) identity::forget_lost(dir_);
        return saved;
    }

    [[nodiscard]] RootInitDone done(pki::Certificate const& ca, bool reused) const {
        return {config_.node_id,          config_.subnet_id,
                config_.root_base_url,    dir_.hub_key().string(),
                dir_.hub_cert().string(), dir_.anchors().string(),
                ca.fingerprint(),         reused};
    }

    Context& context_;
    identity::BaseDir const& dir_;
    RootWish const& wish_;
    identity::NodeConfig config_;
    std::optional<pki::Key> key_, issuer_key_;
};

}  // namespace

int command_dev_root_init(Context& context, RootInitOptions const& options) {
    auto const wish = check(options);
    if (!wish) return fail(context, wish.error());
    auto const dir = context.open_base_dir();
    if (!dir) return fail(context, dir.error());
    auto const lock = FolderLock::try_lock(dir->state());
    if (!lock) {
        return fail(context, lock.error(), "Wait for the other command to end, then try again");
    }
    auto const done = RootInit(context, *dir, *wish).run(options);
    if (!done) return fail(context, done.error());
    if (!done->reused) (void)activate(context, *dir);
    context.out << (context.json ? to_json(*done) : to_text(*done)) << std::flush;
    return 0;
}

}  // namespace adaos::node
