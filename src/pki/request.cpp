#include "pki/request.hpp"

#include "pki/openssl.hpp"
#include "pki/pkcs10.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace adaos::pki {
namespace {

constexpr int min_rsa_bits = 2048;
constexpr int max_rsa_bits = 8192;
/// Verifying costs time proportional to the exponent's length; nobody honest uses a longer one.
constexpr int max_rsa_exponent_bits = 33;

Error refused(std::string_view why) {
    ERR_clear_error();
    return Error(Problem::csr_refused, std::string(why));
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

Result<Pkcs10Handle> parse_request(std::string_view pem) {
    if (pem.size() > max_request_pem_bytes) return refused("the request is too large");
    auto const text = trim(pem);
    if (!text.starts_with("-----BEGIN ") || !text.ends_with("-----") ||
        count(text, "-----BEGIN ") != 1 || count(text, "-----END ") != 1)
        return refused("not exactly one PEM block");
    auto const bio = read_only_bio(text);
    if (!bio) return openssl_error(Problem::csr_refused, "PEM");
    auto const block = next_pem_block(*bio);
    if (block.has_error()) return Error(Problem::csr_refused, block.error().context);
    if (!*block) return refused("not a PEM block");
    auto const& [name, has_header, der] = **block;
    if (name != PEM_STRING_X509_REQ && name != PEM_STRING_X509_REQ_OLD)
        return refused("not a CERTIFICATE REQUEST");
    if (has_header) return refused("the PEM block has header lines");
    return parse_pkcs10(der);
}

Result<void> check_ec_key(EVP_PKEY& key) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(&key, group.data(), group.size(), &size) != 1)
        return openssl_error(Problem::csr_refused, "the key's curve has no name");
    auto const nid = OBJ_sn2nid(group.data());
    if (nid != NID_X9_62_prime256v1 && nid != NID_secp384r1)
        return refused("the key's curve is neither P-256 nor P-384");
    int is_explicit = 0;
    if (EVP_PKEY_get_int_param(&key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &is_explicit) != 1 ||
        is_explicit != 0)
        return refused("the key's curve is not given by its name");
    PkeyContextHandle const context(EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
    // Quick: the point is on the curve. These curves have cofactor 1, so it then has their order
    // (SP 800-56A, 5.6.2.3.4), and multiplying it to see that costs as much as the signature.
    if (!context || EVP_PKEY_public_check_quick(context.get()) != 1)
        return openssl_error(Problem::csr_refused, "the key is no point of its curve");
    return {};
}

Result<void> check_rsa_key(EVP_PKEY& key) {
    auto const bits = EVP_PKEY_get_bits(&key);
    if (bits < min_rsa_bits || bits > max_rsa_bits)
        return refused("an RSA key of " + std::to_string(bits) + " bits");
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_E, &raw) != 1)
        return openssl_error(Problem::csr_refused, "RSA key");
    BignumHandle const exponent(raw);
    if (BN_num_bits(raw) > max_rsa_exponent_bits || BN_is_odd(raw) != 1 || BN_is_one(raw) == 1)
        return refused("an unusual RSA exponent");
    return {};
}

Result<void> check_key(EVP_PKEY& key) {
    switch (EVP_PKEY_get_base_id(&key)) {
        case EVP_PKEY_EC: return check_ec_key(key);
        case EVP_PKEY_RSA: return check_rsa_key(key);
        default: return refused("the key is neither P-256, P-384 nor RSA");
    }
}

Result<void> check_signature(Pkcs10& request, EVP_PKEY& key) {
    constexpr std::array sha2{NID_sha256, NID_sha384, NID_sha512};
    int hash = NID_undef;
    int kind = NID_undef;
    OBJ_find_sigid_algs(signature_nid(request), &hash, &kind);
    if (std::find(sha2.begin(), sha2.end(), hash) == sha2.end())
        return refused("the signature's hash is not SHA-256, SHA-384 or SHA-512");
    if (!is_signed_by(request, key))
        return openssl_error(Problem::csr_refused, "the request's signature is wrong");
    return {};
}

using BasicConstraintsHandle = Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using BitStringHandle = Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;

/// The extension's value, all of it; null when it is no `T`.
template <class T>
T value_of(X509_EXTENSION* extension, ASN1_ITEM const* item) {
    auto const* const der = X509_EXTENSION_get_data(extension);
    auto const* at = ASN1_STRING_get0_data(der);
    auto const* const end = at + ASN1_STRING_length(der);
    T value(reinterpret_cast<typename T::pointer>(
        ASN1_item_d2i(nullptr, &at, ASN1_STRING_length(der), item)));
    return at == end ? std::move(value) : nullptr;
}

Result<void> check_wish(X509_EXTENSION* wish) {
    constexpr int key_cert_sign = 5, crl_sign = 6;  // RFC 5280, 4.2.1.3
    switch (OBJ_obj2nid(X509_EXTENSION_get_object(wish))) {
        case NID_basic_constraints: {
            auto const value =
                value_of<BasicConstraintsHandle>(wish, ASN1_ITEM_rptr(BASIC_CONSTRAINTS));
            if (!value) return refused("its basicConstraints cannot be read");
            if (value->ca != 0) return refused("it asks to be a CA (basicConstraints CA:TRUE)");
            break;
        }
        case NID_key_usage: {
            auto const value = value_of<BitStringHandle>(wish, ASN1_ITEM_rptr(ASN1_BIT_STRING));
            if (!value) return refused("its keyUsage cannot be read");
            if (ASN1_BIT_STRING_get_bit(value.get(), key_cert_sign) != 0)
                return refused("it asks to sign certificates (keyUsage keyCertSign)");
            if (ASN1_BIT_STRING_get_bit(value.get(), crl_sign) != 0)
                return refused("it asks to sign revocation lists (keyUsage cRLSign)");
            break;
        }
        default: break;
    }
    return {};
}

/// A wish changes nothing in what is signed, but one for a CA's rights is told: docs/adr/0007.
Result<void> check_wishes(Pkcs10 const& request) {
    auto const wishes = wished_extensions(request);
    if (wishes.has_error()) return wishes.error();
    for (int i = 0; i < sk_X509_EXTENSION_num(wishes->get()); ++i)
        if (auto ok = check_wish(sk_X509_EXTENSION_value(wishes->get(), i)); ok.has_error())
            return ok;
    return {};
}

Result<void> add_names(X509_REQ& request, std::vector<std::string> const& dns_names,
                       std::vector<std::string> const& addresses) {
    std::string text;
    auto const add = [&](char const* type, std::string const& name) {
        bool const plain = !name.empty() && name.find_first_of(",;:\"\\ ") == std::string::npos;
        if (plain) text += (text.empty() ? "" : ",") + std::string(type) + name;
        return plain;
    };
    for (auto const& name : dns_names)
        if (!add("DNS:", name)) return Error(Problem::invalid_field, "a name of the request");
    for (auto const& name : addresses)
        if (!add("IP:", name)) return Error(Problem::invalid_field, "an address of the request");
    if (text.empty()) return {};
    ExtensionsHandle const wishes(sk_X509_EXTENSION_new_null());
    ExtensionHandle names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, text.c_str()));
    if (!wishes || !names || sk_X509_EXTENSION_push(wishes.get(), names.get()) == 0)
        return openssl_error(Problem::invalid_field, "the request's names");
    static_cast<void>(names.release());
    if (X509_REQ_add_extensions(&request, wishes.get()) != 1)
        return openssl_error(Problem::internal, "the request's names");
    return {};
}

}  // namespace

Result<std::string> make_request(Key const& key, std::string_view common_name) {
    return make_request(key, common_name, {}, {});
}

Result<std::string> make_request(Key const& key, std::string_view common_name,
                                 std::vector<std::string> const& dns_names,
                                 std::vector<std::string> const& addresses) {
    ERR_clear_error();
    RequestHandle const request(X509_REQ_new());
    BioHandle const bio(BIO_new(BIO_s_mem()));
    if (!request || !bio) return openssl_error(Problem::internal, "make a request");
    if (!common_name.empty() &&
        (common_name.size() > 64 ||
         X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName,
                                    MBSTRING_UTF8, octets(as_bytes(common_name)),
                                    static_cast<int>(common_name.size()), -1, 0) != 1))
        return openssl_error(Problem::invalid_field, "the request's common name");
    if (auto ok = add_names(*request, dns_names, addresses); ok.has_error()) return ok.error();
    if (X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_pubkey(request.get(), key.native()) != 1 ||
        X509_REQ_sign(request.get(), key.native(), signing_hash(*key.native())) == 0 ||
        PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1)
        return openssl_error(Problem::internal, "make a request");
    return bio_text(*bio);
}

Result<Key> check_request(std::string_view pem) {
    ERR_clear_error();
    auto const request = parse_request(pem);
    if (request.has_error()) return request.error();
    if (auto ok = check_wishes(**request); ok.has_error()) return ok.error();
    auto key = key_of(**request);
    if (!key) return openssl_error(Problem::csr_refused, "the request's public key");
    if (auto ok = check_key(*key); ok.has_error()) return ok.error();
    if (auto ok = check_signature(**request, *key); ok.has_error()) return ok.error();
    ERR_clear_error();
    return Key(key.release());
}

}  // namespace adaos::pki
