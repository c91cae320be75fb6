// Whatever a stranger sends as a request: no crash, no leak, nothing left in OpenSSL's queue.

#include "pki/request.hpp"

#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const pem(reinterpret_cast<char const*>(data), size);
    auto const checked = adaos::pki::check_request(pem);
    if (checked.has_value() && !checked->to_pem().empty())
        std::abort();  // a private key from a CSR
    if (ERR_peek_error() != 0) std::abort();
    return 0;
}
