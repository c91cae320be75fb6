#include "pki/authority.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/certificate_builder.hpp"
#include "pki/openssl.hpp"

#include <openssl/err.h>

#include <algorithm>

namespace adaos::pki {
namespace {

constexpr char const* issuer_common_name = "adaos subnet issuer";
constexpr char const* ca_key_usage = "critical,keyCertSign,cRLSign";

bool is_self_signed(Certificate const& cert) {
    return (X509_get_extension_flags(cert.native()) & EXFLAG_SS) != 0;
}

/// What every CA certificate of ours has; `subnet_id` empty: Root's.
void add_ca_extensions(CertificateBuilder& builder, std::string const& subnet_id) {
    if (subnet_id.empty()) {
        builder.extension(NID_basic_constraints, "critical,CA:TRUE");
    } else {
        builder.extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
        builder.extension(NID_name_constraints, "critical,permitted;URI:" + subnet_id + ".adaos");
    }
    builder.extension(NID_key_usage, ca_key_usage);
}

void add_leaf_extensions(CertificateBuilder& builder, char const* extended_key_usage) {
    builder.extension(NID_basic_constraints, "critical,CA:FALSE");
    builder.extension(NID_key_usage, "critical,digitalSignature");
    builder.extension(NID_ext_key_usage, extended_key_usage);
}

/// The earliest end in a chain. Errors: clock_wrong when `now` is outside its first certificate.
Result<WallTime> chain_end(std::vector<Certificate> const& chain, WallTime now) {
    auto end = chain.front().not_after();
    for (auto const& cert : chain) end = std::min(end, cert.not_after());
    if (now >= end)
        return Error(Problem::clock_wrong, "the authority's certificate ended at " + rfc3339(end));
    if (now < chain.front().not_before())
        return Error(Problem::clock_wrong, "the authority's certificate begins at " +
                                               rfc3339(chain.front().not_before()));
    return end;
}

/// Whether a subnet issuer signs something that its own constraint then makes invalid.
Result<void> check_constraint(X509& issuer, X509& subject) {
    ConstraintsHandle const constraints(static_cast<NAME_CONSTRAINTS*>(
        X509_get_ext_d2i(&issuer, NID_name_constraints, nullptr, nullptr)));
    ERR_clear_error();
    if (!constraints) return {};
    X509_check_purpose(&subject, -1, 0);  // reads the names of a certificate made here
    auto const code = NAME_CONSTRAINTS_check(&subject, constraints.get());
    ERR_clear_error();
    if (code == X509_V_OK) return {};
    return Error(Problem::peer_untrusted, std::string("not this authority's to sign: ") +
                                              X509_verify_cert_error_string(code));
}

/// The one place where a certificate below an authority is signed.
Result<Certificate> finish(CertificateBuilder& builder, std::vector<Certificate> const& chain,
                           Key const& key, std::chrono::seconds life, WallTime now) {
    auto const end = chain_end(chain, now);
    if (end.has_error()) return end.error();
    builder.validity(now - backdate, std::min<WallTime>(now + life, *end));
    builder.issuer(chain.front().native());
    auto made = builder.sign(*key.native());
    if (made.has_error()) return made.error();
    if (auto ok = check_constraint(*chain.front().native(), **made); ok.has_error())
        return ok.error();
    return Certificate(made->release());
}

Result<Authority> damaged(Error const& e) {
    return with_context(Error(Problem::state_damaged, e.context), "authority");
}

}  // namespace

Authority::Authority(std::vector<Certificate> chain, std::string chain_pem, Key key)
    : certificate_(chain.front()),
      chain_(std::move(chain)),
      chain_pem_(std::move(chain_pem)),
      key_(std::move(key)) {}

Result<Authority> Authority::make(std::string common_name, std::string subnet_id, KeyType type,
                                  WallTime now, Random& random) {
    auto key = Key::make(type);
    if (key.has_error()) return key.error();
    return make(std::move(common_name), std::move(subnet_id), std::move(*key), now, random);
}

Result<Authority> Authority::make(std::string common_name, std::string subnet_id, Key key,
                                  WallTime now, Random& random) {
    if (!subnet_id.empty() && !is_subnet_id(subnet_id))
        return Error(Problem::invalid_field, "subnet id");
    CertificateBuilder builder(random);
    if (subnet_id.empty()) {
        builder.subject_name("adaos", common_name);
    } else {
        builder.subject_name(subnet_id, issuer_common_name);
    }
    builder.subject_key(*key.native());
    builder.validity(now - backdate, now + authority_life);
    add_ca_extensions(builder, subnet_id);
    builder.issuer(nullptr);
    auto made = builder.sign(*key.native());
    if (made.has_error()) return made.error();
    Certificate certificate(made->release());
    auto pem = certificate.to_pem();
    return Authority({std::move(certificate)}, std::move(pem), std::move(key));
}

Result<Authority> Authority::load(std::string chain_pem, Secret const& key_pem) {
    auto key = Key::from_pem(key_pem);
    if (key.has_error()) return damaged(key.error());
    auto const chain = certificates_from_pem(chain_pem);
    if (chain.has_error()) return damaged(chain.error());
    auto const& own = chain->front();
    if (!own.matches(*key)) return damaged(Error(Problem::state_damaged, "the key is another's"));
    for (std::size_t i = 0; i < chain->size(); ++i) {
        auto const& above = (*chain)[std::min(i + 1, chain->size() - 1)];
        auto* const above_key = X509_get0_pubkey(above.native());
        bool const good = (*chain)[i].is_ca() && above_key != nullptr &&
                          X509_check_issued(above.native(), (*chain)[i].native()) == X509_V_OK &&
                          X509_verify((*chain)[i].native(), above_key) == 1;
        ERR_clear_error();
        if (!good)
            return damaged(Error(Problem::state_damaged, "certificate " + std::to_string(i) +
                                                             " of the chain does not fit"));
    }
    std::string canonical;
    for (auto const& cert : *chain) canonical += cert.to_pem();
    return Authority(*chain, std::move(canonical), std::move(*key));
}

Result<std::string> Authority::issue_node(Key const& subject_key, NodeIdentity const& who,
                                          WallTime now, Random& random) const {
    if (!is_subnet_id(who.subnet_id)) return Error(Problem::invalid_field, "subnet id");
    if (!is_node_id(who.node_id)) return Error(Problem::invalid_field, "node id");
    CertificateBuilder builder(random);
    builder.subject_name(who.subnet_id, who.node_id);
    builder.leaf_key(*subject_key.native());
    add_leaf_extensions(builder, who.hub ? "serverAuth,clientAuth" : "clientAuth");
    builder.uri(who.uri());
    auto const leaf = finish(builder, chain_, key_, leaf_life_, now);
    if (leaf.has_error()) return leaf.error();
    auto pem = leaf->to_pem();
    for (auto const& cert : chain_)
        if (!is_self_signed(cert)) pem += cert.to_pem();
    return pem;
}

Result<std::string> Authority::issue_agent(Key const& subject_key, Agent const& agent, WallTime now,
                                           Random& random) const {
    if (!is_subnet_id(agent.who.subnet_id)) return Error(Problem::invalid_field, "subnet id");
    if (!is_node_id(agent.who.node_id)) return Error(Problem::invalid_field, "node id");
    if (!is_node_name(agent.name)) return Error(Problem::invalid_field, "node name");
    auto const full = "node-" + agent.name;
    CertificateBuilder builder(random);
    // A common name holds 64 characters (RFC 5280, ub-common-name); the names that count follow.
    builder.subject_name(agent.who.subnet_id, std::string_view(full).substr(0, 64));
    builder.leaf_key(*subject_key.native());
    builder.extension(NID_basic_constraints, "critical,CA:FALSE");
    builder.extension(NID_key_usage, "critical,digitalSignature,keyEncipherment");
    builder.extension(NID_ext_key_usage, "serverAuth,clientAuth");
    builder.uri(agent.who.uri());
    // A label of 63 and its prefix is no DNS label any more.
    if (full.size() <= max_node_name_bytes) builder.host(full + ".agents.otherix.local");
    builder.host("localhost");
    builder.host("127.0.0.1");
    bool const is_listed =
        agent.host.empty() || agent.host == "localhost" || agent.host == "127.0.0.1";
    if (!is_listed) builder.host(agent.host);
    auto const leaf = finish(builder, chain_, key_, leaf_life_, now);
    if (leaf.has_error()) return leaf.error();
    auto pem = leaf->to_pem();
    for (auto const& cert : chain_)
        if (!is_self_signed(cert)) pem += cert.to_pem();
    return pem;
}

Result<std::string> Authority::issue_server(Key const& subject_key,
                                            std::vector<std::string> const& hosts, Kind kind,
                                            WallTime now, Random& random) const {
    if (hosts.size() > max_hosts || (hosts.empty() && kind == Kind::hub))
        return Error(Problem::invalid_field, "the number of hosts");
    CertificateBuilder builder(random);
    builder.subject_name("adaos", kind == Kind::root ? "root" : "hub");
    builder.subject_key(*subject_key.native());
    add_leaf_extensions(builder, "serverAuth");
    for (auto const& host : hosts) builder.host(host);
    if (kind == Kind::root) builder.uri(root_uri);
    auto const leaf = finish(builder, chain_, key_, leaf_life_, now);
    if (leaf.has_error()) return leaf.error();
    return leaf->to_pem() + chain_pem_;
}

Result<std::string> Authority::issue_issuer(Key const& subject_key, std::string const& subnet_id,
                                            WallTime now, Random& random) const {
    if (!is_subnet_id(subnet_id)) return Error(Problem::invalid_field, "subnet id");
    if (X509_get_pathlen(certificate_.native()) == 0)
        return Error(Problem::peer_untrusted, "a subnet issuer signs no issuers");
    CertificateBuilder builder(random);
    builder.subject_name(subnet_id, issuer_common_name);
    builder.subject_key(*subject_key.native());
    add_ca_extensions(builder, subnet_id);
    auto const issuer = finish(builder, chain_, key_, authority_life, now);
    if (issuer.has_error()) return issuer.error();
    return issuer->to_pem() + chain_pem_;
}

Result<std::string> Authority::vouch_for(Certificate const& other, WallTime now,
                                         Random& random) const {
    if (!other.is_ca() || X509_get_pathlen(certificate_.native()) == 0)
        return Error(Problem::peer_untrusted, "only Root's CA vouches, and only for another one");
    CertificateBuilder builder(random);
    builder.subject_of(*other.native());
    add_ca_extensions(builder, std::string());
    builder.uri(root_uri);
    auto const left = std::chrono::floor<std::chrono::seconds>(other.not_after() - now);
    auto const cross = finish(builder, chain_, key_, left, now);
    if (cross.has_error()) return cross.error();
    return cross->to_pem();
}

WallTime half_life(Certificate const& certificate) {
    auto const begin =
        std::min<WallTime>(certificate.not_before() + backdate, certificate.not_after());
    return begin + (certificate.not_after() - begin) / 2;
}

}  // namespace adaos::pki
