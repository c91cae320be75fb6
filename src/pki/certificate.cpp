#include "pki/certificate.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <new>

namespace adaos::pki {
namespace {

WallTime wall_time(ASN1_TIME const* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return WallTime(std::chrono::seconds(timegm(&parts)));
}

/// The URIs among the subject's alternative names, in their order.
std::vector<std::string> uri_names(X509 const& cert) {
    std::vector<std::string> out;
    GeneralNamesHandle const names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&cert, NID_subject_alt_name, nullptr, nullptr)));
    ERR_clear_error();
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        auto const* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) continue;
        auto const* const text = name->d.uniformResourceIdentifier;
        out.emplace_back(reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
                         static_cast<std::size_t>(ASN1_STRING_length(text)));
    }
    return out;
}

/// `spiffe://<subnet>.adaos/<subnet>/<node-id>`, to the letter.
std::optional<NodeIdentity> parse_node_uri(std::string_view uri) {
    constexpr std::string_view scheme = "spiffe://";
    constexpr std::size_t subnet_size = 11;
    if (!uri.starts_with(scheme)) return std::nullopt;
    auto const subnet = uri.substr(scheme.size()).substr(0, subnet_size);
    auto const slash = uri.rfind('/');
    auto const node = uri.substr(slash + 1);
    if (!is_subnet_id(subnet) || !is_node_id(node)) return std::nullopt;
    NodeIdentity who;
    who.subnet_id = subnet;
    who.node_id = node;
    if (who.uri() != uri) return std::nullopt;  // whatever else could differ, does not
    return who;
}

/// The subject's one common name; empty when there is none, or more.
std::string common_name(X509 const& cert) {
    auto const* const subject = X509_get_subject_name(&cert);
    auto const first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) return {};
    auto const* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first));
    return {reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The next certificate of a PEM text; other blocks are skipped. Absent at the end.
Result<std::optional<Certificate>> next_certificate(BIO& bio) {
    for (;;) {
        auto const block = next_pem_block(bio);
        if (block.has_error()) return with_context(block.error(), "certificate");
        if (!*block) return std::optional<Certificate>();
        if ((*block)->name != PEM_STRING_X509) continue;
        auto const& der = (*block)->der;
        auto const* at = octets(der);
        X509Handle cert(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
        if (!cert) return openssl_error(Problem::invalid_field, "certificate");
        if (at != octets(der) + der.size())
            return Error(Problem::invalid_field, "bytes after the certificate");
        return std::optional<Certificate>(Certificate(cert.release()));
    }
}

std::string name_text(X509_NAME const& name) {
    BioHandle const bio(BIO_new(BIO_s_mem()));
    if (!bio) throw std::bad_alloc();
    X509_NAME_print_ex(bio.get(), &name, 0, XN_FLAG_RFC2253);
    ERR_clear_error();
    return bio_text(*bio);
}

Error no_certificate() {
    return Error(Problem::invalid_field, "there is no certificate in the text");
}

}  // namespace

std::string node_uri(std::string_view subnet_id, std::string_view node_id) {
    std::string uri = "spiffe://";
    uri.append(subnet_id).append(".adaos/").append(subnet_id).append("/").append(node_id);
    return uri;
}

std::string NodeIdentity::uri() const {
    return node_uri(subnet_id, node_id);
}

Certificate::Certificate(X509* owned) : cert_(owned, X509_free) {}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
    auto const bio = read_only_bio(pem);
    if (!bio) return openssl_error(Problem::invalid_field, "certificate");
    auto cert = next_certificate(*bio);
    if (cert.has_error()) return cert.error();
    if (!*cert) return no_certificate();
    return **cert;
}

std::string Certificate::to_pem() const {
    BioHandle const bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_X509(bio.get(), cert_.get()) != 1) throw std::bad_alloc();
    return bio_text(*bio);
}

std::string Certificate::fingerprint() const {
    Digest digest{};
    X509_digest(cert_.get(), EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()),
                nullptr);
    return "sha256:" + to_hex(digest);
}

Digest Certificate::spki_sha256() const {
    auto const* const key = X509_get0_pubkey(cert_.get());
    ERR_clear_error();
    return key == nullptr ? Digest{} : spki_digest(*key);
}

std::string Certificate::serial_hex() const {
    auto const* const serial = X509_get0_serialNumber(cert_.get());
    auto const* const data = reinterpret_cast<std::byte const*>(ASN1_STRING_get0_data(serial));
    return to_hex({data, static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

std::string Certificate::subject() const {
    return name_text(*X509_get_subject_name(cert_.get()));
}

std::string Certificate::issuer() const {
    return name_text(*X509_get_issuer_name(cert_.get()));
}

WallTime Certificate::not_before() const {
    return wall_time(X509_get0_notBefore(cert_.get()));
}
WallTime Certificate::not_after() const {
    return wall_time(X509_get0_notAfter(cert_.get()));
}

bool Certificate::is_ca() const {
    bool const yes = X509_check_ca(cert_.get()) == 1;
    ERR_clear_error();
    return yes;
}

bool Certificate::is_agent() const {
    auto const who = node();
    return who && !who->hub && (X509_get_extended_key_usage(cert_.get()) & XKU_SSL_SERVER) != 0;
}

std::optional<NodeIdentity> Certificate::node() const {
    auto const flags = X509_get_extension_flags(cert_.get());
    ERR_clear_error();
    if ((flags & (EXFLAG_INVALID | EXFLAG_CA)) != 0 || (flags & EXFLAG_XKUSAGE) == 0)
        return std::nullopt;
    auto const uris = uri_names(*cert_);
    if (uris.size() != 1) return std::nullopt;
    auto who = parse_node_uri(uris.front());
    if (!who) return std::nullopt;
    auto const usage = X509_get_extended_key_usage(cert_.get());
    if ((usage & XKU_SSL_CLIENT) == 0) return std::nullopt;
    // An agent serves, too, but its subject says node-<name>; its issuer has written that.
    who->hub = (usage & XKU_SSL_SERVER) != 0 && common_name(*cert_) == who->node_id;
    return who;
}

bool Certificate::is_root() const {
    auto const flags = X509_get_extension_flags(cert_.get());
    ERR_clear_error();
    auto const uris = uri_names(*cert_);
    return (flags & (EXFLAG_INVALID | EXFLAG_CA)) == 0 && uris.size() == 1 &&
           uris.front() == root_uri;
}

bool Certificate::is_root_ca() const {
    auto const uris = uri_names(*cert_);
    return is_ca() && uris.size() == 1 && uris.front() == root_uri;
}

bool Certificate::matches(Key const& key) const {
    bool const yes = X509_check_private_key(cert_.get(), key.native()) == 1;
    ERR_clear_error();
    return yes;
}

Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem) {
    if (pem.size() > max_chain_pem_bytes)
        return Error(Problem::invalid_field, "the certificates' text is too large");
    auto const bio = read_only_bio(pem);
    if (!bio) return openssl_error(Problem::invalid_field, "certificate");
    std::vector<Certificate> out;
    for (;;) {
        auto const cert = next_certificate(*bio);
        if (cert.has_error()) return cert.error();
        if (!*cert) break;
        if (out.size() == max_chain_certificates)
            return Error(Problem::invalid_field, "too many certificates");
        out.push_back(**cert);
    }
    if (out.empty()) return no_certificate();
    return out;
}

std::vector<std::string> fingerprints_from_pem(std::string_view pem) {
    std::vector<std::string> out;
    auto const all = certificates_from_pem(pem);
    if (all.has_error()) return out;
    for (auto const& one : *all) out.push_back(one.fingerprint());
    return out;
}

}  // namespace adaos::pki
