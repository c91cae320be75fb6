#include "pki/pkcs10.hpp"

#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/objects.h>

namespace adaos::pki {
namespace {

/// SubjectPublicKeyInfo (RFC 5280, 4.1) with the key as it came.
struct PlainKey {
    X509_ALGOR* algorithm;
    ASN1_BIT_STRING* key;
};

struct RequestInfo {
    ASN1_ENCODING encoding;  ///< what was signed, byte for byte
    ASN1_INTEGER* version;
    X509_NAME* subject;
    PlainKey* key;
    STACK_OF(X509_ATTRIBUTE) * attributes;
};

}  // namespace

struct Pkcs10 {
    RequestInfo* info;
    X509_ALGOR* algorithm;
    ASN1_BIT_STRING* signature;
};

namespace {

// OpenSSL's own parser, told what a request is made of.
// NOLINTBEGIN
ASN1_SEQUENCE(PlainKey) = {ASN1_SIMPLE(PlainKey, algorithm, X509_ALGOR),
                           ASN1_SIMPLE(PlainKey, key,
                                       ASN1_BIT_STRING)} static_ASN1_SEQUENCE_END(PlainKey)

    ASN1_SEQUENCE_enc(RequestInfo, encoding,
                      nullptr) = {ASN1_SIMPLE(RequestInfo, version, ASN1_INTEGER),
                                  ASN1_SIMPLE(RequestInfo, subject, X509_NAME),
                                  ASN1_SIMPLE(RequestInfo, key, PlainKey),
                                  ASN1_IMP_SET_OF_OPT(RequestInfo, attributes, X509_ATTRIBUTE,
                                                      0)} ASN1_SEQUENCE_END_enc(RequestInfo,
                                                                                RequestInfo)

        ASN1_SEQUENCE(Pkcs10) = {ASN1_SIMPLE(Pkcs10, info, RequestInfo),
                                 ASN1_SIMPLE(Pkcs10, algorithm, X509_ALGOR),
                                 ASN1_SIMPLE(Pkcs10, signature,
                                             ASN1_BIT_STRING)} static_ASN1_SEQUENCE_END(Pkcs10)
                                // NOLINTEND

                                /// The name of the curve when the key is on one that we know by its
                                /// name; null when it is not.
                                char const
                                * known_curve(PlainKey const& spki) {
    ASN1_OBJECT const* kind = nullptr;
    int type = V_ASN1_UNDEF;
    void const* value = nullptr;
    X509_ALGOR_get0(&kind, &type, &value, spki.algorithm);
    if (OBJ_obj2nid(kind) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT) return nullptr;
    switch (OBJ_obj2nid(static_cast<ASN1_OBJECT const*>(value))) {
        case NID_X9_62_prime256v1: return SN_X9_62_prime256v1;
        case NID_secp384r1: return SN_secp384r1;
        default: return nullptr;
    }
}

PkeyHandle point_on(char const* curve, ASN1_BIT_STRING const& point) {
    auto* const bytes = const_cast<unsigned char*>(ASN1_STRING_get0_data(&point));
    auto const size = static_cast<std::size_t>(ASN1_STRING_length(&point));
    OSSL_PARAM const params[]{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, size),
        OSSL_PARAM_construct_end()};
    PkeyContextHandle const context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                          const_cast<OSSL_PARAM*>(params)) != 1)
        return nullptr;
    return PkeyHandle(key);
}

/// By whatever decoder there is for it.
PkeyHandle decode(PlainKey& spki) {
    unsigned char* der = nullptr;
    auto const size =
        ASN1_item_i2d(reinterpret_cast<ASN1_VALUE const*>(&spki), &der, ASN1_ITEM_rptr(PlainKey));
    if (size <= 0) return nullptr;
    unsigned char const* at = der;
    PkeyHandle key(d2i_PUBKEY(nullptr, &at, size));
    OPENSSL_free(der);
    return key;
}

ExtensionsHandle parse_extensions(ASN1_TYPE const* value) {
    if (value == nullptr || value->type != V_ASN1_SEQUENCE) return nullptr;
    auto const& der = *value->value.sequence;
    auto const* at = ASN1_STRING_get0_data(&der);
    auto const* const end = at + ASN1_STRING_length(&der);
    ExtensionsHandle found(d2i_X509_EXTENSIONS(nullptr, &at, ASN1_STRING_length(&der)));
    return at == end ? std::move(found) : nullptr;
}

/// A BIT STRING that does not end with a byte is no key.
bool is_whole_bytes(ASN1_BIT_STRING const& bits) {
    constexpr long unused_bits = 0x07;
    return (bits.flags & unused_bits) == 0;
}

}  // namespace

void Pkcs10Freed::operator()(Pkcs10* request) const noexcept {
    ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(request), ASN1_ITEM_rptr(Pkcs10));
}

Result<Pkcs10Handle> parse_pkcs10(std::span<std::byte const> der) {
    auto const* at = octets(der);
    Pkcs10Handle request(reinterpret_cast<Pkcs10*>(
        ASN1_item_d2i(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(Pkcs10))));
    if (!request) return openssl_error(Problem::csr_refused, "PKCS#10");
    if (at != octets(der) + der.size())
        return Error(Problem::csr_refused, "bytes after the PKCS#10 request");
    return request;
}

PkeyHandle key_of(Pkcs10 const& request) {
    auto& spki = *request.info->key;
    if (!is_whole_bytes(*spki.key)) return nullptr;
    auto const* const curve = known_curve(spki);
    return curve != nullptr ? point_on(curve, *spki.key) : decode(spki);
}

int signature_nid(Pkcs10 const& request) {
    ASN1_OBJECT const* kind = nullptr;
    X509_ALGOR_get0(&kind, nullptr, nullptr, request.algorithm);
    return OBJ_obj2nid(kind);
}

Result<ExtensionsHandle> wished_extensions(Pkcs10 const& request) {
    ExtensionsHandle all(sk_X509_EXTENSION_new_null());
    if (!all) return openssl_error(Problem::internal, "read a request");
    auto const* const attributes = request.info->attributes;
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(attributes); ++i) {
        auto* const attribute = sk_X509_ATTRIBUTE_value(attributes, i);
        auto const kind = OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute));
        if (kind != NID_ext_req && kind != NID_ms_ext_req) continue;
        for (int n = 0; n < X509_ATTRIBUTE_count(attribute); ++n) {
            auto const some = parse_extensions(X509_ATTRIBUTE_get0_type(attribute, n));
            if (!some)
                return openssl_error(Problem::csr_refused, "what it asks for cannot be read");
            while (auto* const one = sk_X509_EXTENSION_shift(some.get())) {
                ExtensionHandle held(one);
                if (sk_X509_EXTENSION_push(all.get(), one) == 0)
                    return openssl_error(Problem::internal, "read a request");
                static_cast<void>(held.release());
            }
        }
    }
    return all;
}

bool is_signed_by(Pkcs10& request, EVP_PKEY& key) {
    return ASN1_item_verify(ASN1_ITEM_rptr(RequestInfo), request.algorithm, request.signature,
                            request.info, &key) == 1;
}

}  // namespace adaos::pki
