#include "pki/plain_spki.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>

namespace adaos::pki {
namespace {

/// NID_undef: not one of ours, or given by its numbers instead of its name.
int named_curve(EVP_PKEY const& key) {
    std::array<char, 64> group{};
    int is_explicit = 0;
    if (EVP_PKEY_get_base_id(&key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(&key, group.data(), group.size(), nullptr) != 1 ||
        EVP_PKEY_get_int_param(&key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &is_explicit) != 1 ||
        is_explicit != 0)
        return NID_undef;
    auto const curve = OBJ_sn2nid(group.data());
    return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1 ? curve : NID_undef;
}

}  // namespace

bool set_plain_spki(X509_PUBKEY& into, EVP_PKEY const& key) {
    ERR_set_mark();
    std::array<unsigned char, 1 + 2 * 48> point{};  // uncompressed, of P-384
    std::size_t size = 0;
    auto const curve = named_curve(key);
    bool const is_read = curve != NID_undef &&
                         EVP_PKEY_get_octet_string_param(&key, OSSL_PKEY_PARAM_PUB_KEY,
                                                         point.data(), point.size(), &size) == 1;
    ERR_pop_to_mark();
    if (!is_read) return false;
    auto* const copy = static_cast<unsigned char*>(OPENSSL_malloc(size));
    if (copy == nullptr) return false;
    std::copy_n(point.begin(), size, copy);
    if (X509_PUBKEY_set0_param(&into, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
                               OBJ_nid2obj(curve), copy, static_cast<int>(size)) == 1)
        return true;
    OPENSSL_free(copy);
    return false;
}

}  // namespace adaos::pki
