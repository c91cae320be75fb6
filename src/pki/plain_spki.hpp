#pragma once
/// A SubjectPublicKeyInfo without OpenSSL 3.0's encoders and decoders, which take 0.1 ms each, more
/// than a signature. For files of src/pki only.

#include "pki/openssl.hpp"

namespace adaos::pki {

using PublicKeyHandle = Handle<X509_PUBKEY, X509_PUBKEY_free>;

/// Fills `into` as X509_PUBKEY_set would, for a key on a named curve, P-256 or P-384; but `into`
/// then has the key's bytes alone: it can be written, and gives no EVP_PKEY. False: another kind of
/// key, and `into` is as it was.
[[nodiscard]] bool set_plain_spki(X509_PUBKEY& into, EVP_PKEY const& key);

}  // namespace adaos::pki
