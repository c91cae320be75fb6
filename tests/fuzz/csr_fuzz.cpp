// Whatever a stranger sends as a request: no crash, no leak, nothing left in OpenSSL's queue, and
// what is taken asks for no CA's rights, as OpenSSL's own reader of requests sees it.

#include "pki/request.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace {

template <auto free>
struct Freed {
    template <class T>
    void operator()(T* handle) const noexcept {
        free(handle);
    }
};

void free_all(STACK_OF(X509_EXTENSION) * stack) {
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
}

bool asks_for_a_ca(std::string_view pem) {
    std::unique_ptr<BIO, Freed<BIO_free_all>> const bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    std::unique_ptr<X509_REQ, Freed<X509_REQ_free>> const request(
        PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!request) return false;  // blanks before the block, which we take and OpenSSL does not
    std::unique_ptr<STACK_OF(X509_EXTENSION), Freed<free_all>> const wishes(
        X509_REQ_get_extensions(request.get()));
    std::unique_ptr<BASIC_CONSTRAINTS, Freed<BASIC_CONSTRAINTS_free>> const basic(
        static_cast<BASIC_CONSTRAINTS*>(
            X509V3_get_d2i(wishes.get(), NID_basic_constraints, nullptr, nullptr)));
    std::unique_ptr<ASN1_BIT_STRING, Freed<ASN1_BIT_STRING_free>> const usage(
        static_cast<ASN1_BIT_STRING*>(
            X509V3_get_d2i(wishes.get(), NID_key_usage, nullptr, nullptr)));
    ERR_clear_error();
    bool const signs = usage && (ASN1_BIT_STRING_get_bit(usage.get(), 5) != 0 ||
                                 ASN1_BIT_STRING_get_bit(usage.get(), 6) != 0);
    return signs || (basic && basic->ca != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const pem(reinterpret_cast<char const*>(data), size);
    auto const checked = adaos::pki::check_request(pem);
    if (checked.has_value() && !checked->to_pem().empty())
        std::abort();  // a private key from a CSR
    if (ERR_peek_error() != 0) std::abort();
    if (checked.has_value() && asks_for_a_ca(pem)) std::abort();
    return 0;
}
