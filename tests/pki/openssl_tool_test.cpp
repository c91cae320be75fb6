#include "pki/openssl_tool.hpp"

#include "pki/certificate.hpp"
#include "pki/openssl.hpp"
#include "pki/pkcs10.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace adaos::test {
namespace {

void must(bool ok) {
    if (!ok) throw std::logic_error("test tool: " + pki::take_reason());
}

std::string signed_with_new_key(X509_REQ& request) {
    auto const key = ec_key("P-256");
    must(X509_REQ_set_pubkey(&request, key.native()) == 1);
    must(X509_REQ_sign(&request, key.native(), EVP_sha256()) > 0);
    pki::BioHandle const bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_X509_REQ(bio.get(), &request) == 1);
    return pki::bio_text(*bio);
}

}  // namespace

pki::Key rsa_key(unsigned bits, unsigned long exponent) {
    pki::PkeyContextHandle const context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    pki::BignumHandle const e(BN_new());
    must(BN_set_word(e.get(), exponent) == 1 && EVP_PKEY_keygen_init(context.get()) == 1);
    must(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) == 1);
    must(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) == 1);
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_keygen(context.get(), &key) == 1);
    return pki::Key(key);
}

pki::Key ec_key(char const* curve) {
    auto* const key = EVP_EC_gen(curve);
    must(key != nullptr);
    return pki::Key(key);
}

pki::Key compressed(pki::Key const& key) {
    auto* const copy = EVP_PKEY_dup(key.native());
    must(copy != nullptr);
    must(EVP_PKEY_set_utf8_string_param(copy, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                        OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED) == 1);
    return pki::Key(copy);
}

pki::Key ec_key_with_explicit_curve() {
    pki::PkeyContextHandle const context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    must(EVP_PKEY_keygen_init(context.get()) == 1);
    must(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1);
    must(EVP_PKEY_CTX_set_ec_param_enc(context.get(), OPENSSL_EC_EXPLICIT_CURVE) == 1);
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_keygen(context.get(), &key) == 1);
    return pki::Key(key);
}

pki::Key other_key(char const* algorithm) {
    auto* const key = EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm);
    must(key != nullptr);
    return pki::Key(key);
}

pki::Key public_half(pki::Key const& key) {
    pki::BioHandle const bio(BIO_new(BIO_s_mem()));
    must(i2d_PUBKEY_bio(bio.get(), key.native()) == 1);
    return pki::Key(d2i_PUBKEY_bio(bio.get(), nullptr));
}

std::string encrypted_key_pem(pki::Key const& key) {
    pki::BioHandle const bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.native(), EVP_aes_256_cbc(), "secret", 6,
                                       nullptr, nullptr) == 1);
    return pki::bio_text(*bio);
}

std::string request(pki::Key const& key, EVP_MD const* hash) {
    pki::RequestHandle const made(X509_REQ_new());
    must(X509_REQ_set_pubkey(made.get(), key.native()) == 1);
    must(X509_REQ_sign(made.get(), key.native(), hash) > 0);
    pki::BioHandle const bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_X509_REQ(bio.get(), made.get()) == 1);
    return pki::bio_text(*bio);
}

std::string request_for(Extensions const& wishes, Extensions const& ms_wishes) {
    pki::RequestHandle const made(X509_REQ_new());
    for (auto const& [attribute, set] :
         {std::pair(NID_ext_req, &wishes), std::pair(NID_ms_ext_req, &ms_wishes)}) {
        if (set->empty()) continue;
        pki::ExtensionsHandle const some(sk_X509_EXTENSION_new_null());
        for (auto const& [nid, text] : *set) {
            pki::ExtensionHandle one(X509V3_EXT_conf_nid(nullptr, nullptr, nid, text.c_str()));
            must(one && sk_X509_EXTENSION_push(some.get(), one.get()) > 0);
            static_cast<void>(one.release());
        }
        must(X509_REQ_add_extensions_nid(made.get(), some.get(), attribute) == 1);
    }
    return signed_with_new_key(*made);
}

std::string request_for_nonsense() {
    pki::RequestHandle const made(X509_REQ_new());
    must(X509_REQ_add1_attr_by_NID(made.get(), NID_ext_req, V_ASN1_OCTET_STRING,
                                   pki::octets(as_bytes(std::string_view("x"))), 1) == 1);
    return signed_with_new_key(*made);
}

std::string pss_request(pki::Key const& key) {
    pki::RequestHandle const made(X509_REQ_new());
    must(X509_REQ_set_pubkey(made.get(), key.native()) == 1);
    std::unique_ptr<EVP_MD_CTX, pki::Freed<EVP_MD_CTX_free>> const context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* sign = nullptr;
    must(EVP_DigestSignInit(context.get(), &sign, EVP_sha256(), nullptr, key.native()) == 1);
    must(EVP_PKEY_CTX_set_rsa_padding(sign, RSA_PKCS1_PSS_PADDING) == 1);
    must(X509_REQ_sign_ctx(made.get(), context.get()) > 0);
    pki::BioHandle const bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_X509_REQ(bio.get(), made.get()) == 1);
    return pki::bio_text(*bio);
}

std::string certificate(pki::Key const& subject, Draft const& draft, std::string const& issuer_pem,
                        pki::Key const& issuer_key) {
    pki::X509Handle const made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               pki::octets(as_bytes(draft.name)),
                               static_cast<int>(draft.name.size()), -1, 0);
    ASN1_TIME_set(X509_getm_notBefore(made.get()), to_millis(draft.not_before) / 1000);
    ASN1_TIME_set(X509_getm_notAfter(made.get()), to_millis(draft.not_after) / 1000);
    must(X509_set_pubkey(made.get(), subject.native()) == 1);
    auto* issuer = made.get();
    std::optional<pki::Certificate> above;
    if (!issuer_pem.empty()) {
        above = pki::Certificate::from_pem(issuer_pem).value();
        issuer = above->native();
    }
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, made.get(), nullptr, nullptr, 0);
    for (auto const& [nid, text] : draft.extensions) {
        pki::ExtensionHandle const one(X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str()));
        must(one && X509_add_ext(made.get(), one.get(), -1) == 1);
    }
    must(X509_sign(made.get(), issuer_key.native(), draft.hash) > 0);
    return pki::Certificate(X509_dup(made.get())).to_pem();
}

std::string pem_of(std::string const& name, std::string const& der) {
    pki::BioHandle const bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio(bio.get(), name.c_str(), "", pki::octets(as_bytes(der)),
                       static_cast<long>(der.size())) > 0);
    return pki::bio_text(*bio);
}

std::string der_of(std::string const& pem) {
    auto const bio = pki::read_only_bio(pem);
    auto const block = pki::next_pem_block(*bio);
    return std::string(as_text((**block).der));
}

}  // namespace adaos::test
