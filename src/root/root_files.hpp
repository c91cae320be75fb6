#pragma once
/// What Root keeps on disk beside its database: its CA, its serving certificate, its token.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "net/tls.hpp"
#include "pki/authority.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace adaos::root {

struct RootDir {
    std::filesystem::path root;
    [[nodiscard]] std::filesystem::path keys() const { return root / "keys"; }
    [[nodiscard]] std::filesystem::path state() const { return root / "state"; }
    [[nodiscard]] std::filesystem::path ca_cert() const { return keys() / "root_ca.pem"; }
    [[nodiscard]] std::filesystem::path ca_key() const { return keys() / "root_ca_private.pem"; }
    // While a rotation is under way (ca_set.hpp).
    [[nodiscard]] std::filesystem::path next_ca_cert() const { return keys() / "next_ca.pem"; }
    [[nodiscard]] std::filesystem::path next_ca_cross() const {
        return keys() / "next_ca_cross.pem";
    }
    [[nodiscard]] std::filesystem::path next_ca_key() const {
        return keys() / "next_ca_private.pem";
    }
    [[nodiscard]] std::filesystem::path ca_phase() const { return keys() / "ca_phase"; }
    [[nodiscard]] std::filesystem::path server_cert() const { return keys() / "server_cert.pem"; }
    [[nodiscard]] std::filesystem::path server_key() const { return keys() / "server_private.pem"; }
    [[nodiscard]] std::filesystem::path token() const { return keys() / "root_token"; }
    [[nodiscard]] std::filesystem::path mac_key() const { return keys() / "code_mac.key"; }
    [[nodiscard]] std::filesystem::path database() const { return state() / "root.db"; }
    [[nodiscard]] std::filesystem::path lock() const { return state() / "serve.lock"; }
    [[nodiscard]] std::filesystem::path serve_json() const { return state() / "serve.json"; }
};

/// `--base-dir`, else ADAOS_ROOT_BASE_DIR, else ~/.adaos-root.
[[nodiscard]] Result<RootDir> find_root_dir(std::optional<std::string> const& flag);

/// Makes the folders (0700) and, at the first start, the CA (key before certificate, so that a
/// certificate on disk always has its key).
[[nodiscard]] Result<pki::Authority> load_or_make_ca(RootDir const& dir, Clock const& clock,
                                                     Random& random);
/// The serving identity for `hosts`: made anew when absent, past half its life, for other hosts or
/// from another CA. `top_pem`: what stands above the leaf, so that every pin and every anchor that
/// is about finds its CA there.
[[nodiscard]] Result<net::TlsIdentity> load_or_make_server(RootDir const& dir,
                                                           pki::Authority const& ca,
                                                           std::string const& top_pem,
                                                           std::vector<std::string> const& hosts,
                                                           Clock const& clock, Random& random);
/// "adaos_rt_" + 43 base64url characters in a 0600 file.
[[nodiscard]] Result<Secret> load_or_make_token(RootDir const& dir, Random& random);

}  // namespace adaos::root
