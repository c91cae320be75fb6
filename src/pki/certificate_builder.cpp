#include "pki/certificate_builder.hpp"

#include "pki/plain_spki.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace adaos::pki {
namespace {

constexpr std::size_t serial_bytes = 16;
constexpr std::size_t max_dns_name = 253;
constexpr std::size_t max_dns_label = 63;

bool is_label_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/// RFC 1123 names, `_` as container networks use it, and `*.` in front.
bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > max_dns_name) return false;
    if (name.starts_with("*.")) name.remove_prefix(2);
    for (;;) {
        auto const dot = name.find('.');
        auto const label = name.substr(0, dot);
        if (label.empty() || label.size() > max_dns_label || label.front() == '-' ||
            label.back() == '-' || !std::all_of(label.begin(), label.end(), is_label_char))
            return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

bool add_text(X509_NAME* name, int nid, std::string_view text) {
    return text.empty() ||
           X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, octets(as_bytes(text)),
                                      static_cast<int>(text.size()), -1, 0) == 1;
}

bool set_time(ASN1_TIME* field, WallTime t) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
    return ASN1_TIME_set(field, static_cast<std::time_t>(seconds)) != nullptr;
}

/// Null when `text` is no address. (OpenSSL's own a2i_IPADDRESS takes blanks and signs, too.)
OctetsHandle parse_address(std::string_view text) {
    std::string const name(text);
    std::array<unsigned char, sizeof(in6_addr)> raw{};
    int size = 0;
    if (name.size() == std::strlen(name.c_str())) {
        if (::inet_pton(AF_INET, name.c_str(), raw.data()) == 1) size = sizeof(in_addr);
        if (::inet_pton(AF_INET6, name.c_str(), raw.data()) == 1) size = sizeof(in6_addr);
    }
    if (size == 0) return nullptr;
    OctetsHandle address(ASN1_OCTET_STRING_new());
    if (!address || ASN1_OCTET_STRING_set(address.get(), raw.data(), size) != 1) return nullptr;
    return address;
}

/// A general name of `type` whose value is `text` as an IA5String.
GeneralNameHandle text_name(int type, std::string_view text) {
    GeneralNameHandle name(GENERAL_NAME_new());
    auto* const value = ASN1_IA5STRING_new();
    if (!name || value == nullptr ||
        ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
        ASN1_IA5STRING_free(value);
        return nullptr;
    }
    GENERAL_NAME_set0_value(name.get(), type, value);
    return name;
}

}  // namespace

CertificateBuilder::CertificateBuilder(Random& random)
    : cert_(X509_new()), names_(sk_GENERAL_NAME_new_null()) {
    ERR_clear_error();
    std::array<std::byte, serial_bytes> serial{};
    random.fill(serial);
    if (std::all_of(serial.begin(), serial.end(), [](std::byte b) { return b == std::byte{0}; }))
        serial.back() = std::byte{1};
    BignumHandle const number(BN_bin2bn(octets(serial), serial_bytes, nullptr));
    if (!cert_ || !names_ || !number || X509_set_version(cert_.get(), X509_VERSION_3) != 1 ||
        BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert_.get())) == nullptr)
        fail(openssl_error(Problem::internal, "make a certificate"));
}

void CertificateBuilder::fail(Error error) {
    if (state_.has_value()) state_ = std::move(error);
}

void CertificateBuilder::subject_name(std::string_view organisation, std::string_view common_name) {
    if (state_.has_error()) return;
    auto* const name = X509_get_subject_name(cert_.get());
    if (!add_text(name, NID_organizationName, organisation) ||
        !add_text(name, NID_commonName, common_name))
        fail(openssl_error(Problem::invalid_field, "the certificate's subject"));
}

void CertificateBuilder::subject_key(EVP_PKEY& key) {
    if (state_.has_error()) return;
    if (X509_set_pubkey(cert_.get(), &key) != 1)
        return fail(openssl_error(Problem::internal, "the certificate's key"));
    extension(NID_subject_key_identifier, "hash");
}

void CertificateBuilder::leaf_key(EVP_PKEY& key) {
    if (state_.has_error()) return;
    if (!set_plain_spki(*X509_get_X509_PUBKEY(cert_.get()), key)) return subject_key(key);
    extension(NID_subject_key_identifier, "hash");
}

void CertificateBuilder::subject_of(X509& other) {
    if (state_.has_error()) return;
    auto* const key = X509_get0_pubkey(&other);
    if (key == nullptr || X509_set_subject_name(cert_.get(), X509_get_subject_name(&other)) != 1)
        return fail(openssl_error(Problem::internal, "the certificate's subject"));
    subject_key(*key);
}

void CertificateBuilder::validity(WallTime not_before, WallTime not_after) {
    if (state_.has_error()) return;
    if (!set_time(X509_getm_notBefore(cert_.get()), not_before) ||
        !set_time(X509_getm_notAfter(cert_.get()), not_after))
        fail(openssl_error(Problem::internal, "the certificate's times"));
}

void CertificateBuilder::extension(int nid, std::string const& text) {
    if (state_.has_error()) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, cert_.get(), cert_.get(), nullptr, nullptr, 0);
    ExtensionHandle const made(X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str()));
    if (!made || X509_add_ext(cert_.get(), made.get(), -1) != 1)
        fail(openssl_error(Problem::internal, std::string("extension ") + OBJ_nid2sn(nid)));
}

void CertificateBuilder::add_name(GeneralNameHandle name) {
    if (!name || sk_GENERAL_NAME_push(names_.get(), name.get()) == 0)
        return fail(openssl_error(Problem::internal, "a name of the certificate"));
    static_cast<void>(name.release());
}

void CertificateBuilder::uri(std::string_view uri) {
    if (state_.has_value()) add_name(text_name(GEN_URI, uri));
}

void CertificateBuilder::host(std::string_view host) {
    if (state_.has_error()) return;
    auto bare = host;
    if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']')
        bare = bare.substr(1, bare.size() - 2);
    if (auto address = parse_address(bare)) {
        GeneralNameHandle name(GENERAL_NAME_new());
        if (name) GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address.release());
        return add_name(std::move(name));
    }
    if (!is_dns_name(host))
        return fail(Error(Problem::invalid_field, "a host is neither a DNS name nor an address"));
    add_name(text_name(GEN_DNS, host));
}

void CertificateBuilder::issuer(X509* issuer) {
    if (state_.has_error()) return;
    auto* const from = issuer == nullptr ? cert_.get() : issuer;
    X509V3_CTX context;
    X509V3_set_ctx(&context, from, cert_.get(), nullptr, nullptr, 0);
    ExtensionHandle const key_id(
        X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
    if (!key_id || X509_add_ext(cert_.get(), key_id.get(), -1) != 1 ||
        X509_set_issuer_name(cert_.get(), X509_get_subject_name(from)) != 1)
        fail(openssl_error(Problem::internal, "the certificate's issuer"));
}

Result<X509Handle> CertificateBuilder::sign(EVP_PKEY& issuer_key) {
    if (state_.has_error()) return state_.error();
    if (sk_GENERAL_NAME_num(names_.get()) > 0 &&
        X509_add1_ext_i2d(cert_.get(), NID_subject_alt_name, names_.get(), 0, 0) != 1)
        return openssl_error(Problem::internal, "the certificate's names");
    if (X509_sign(cert_.get(), &issuer_key, signing_hash(issuer_key)) == 0)
        return openssl_error(Problem::internal, "sign a certificate");
    ERR_clear_error();
    return std::move(cert_);
}

}  // namespace adaos::pki
