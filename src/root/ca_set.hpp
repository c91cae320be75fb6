#pragma once
/// Root's CAs: one, and while it is being exchanged the next one, too. docs/protocol/renewal.md

#include "root/root_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace adaos::root {

/// Every state of the files is one of these, after a crash at any point, too.
enum class CaPhase {
    single,    ///< there is one CA
    prepared,  ///< the next one is trusted already; the old one signs
    active,    ///< the next one signs, the old one vouches for it and is still trusted
};
[[nodiscard]] std::string_view phase_name(CaPhase phase) noexcept;

struct CaSet {
    CaPhase phase = CaPhase::single;
    /// Signs. In `active` its chain is the old CA's word for it, and the old CA.
    pki::Authority signer;
    pki::Certificate signer_ca;  ///< self-signed
    std::string trusted_pem;     ///< `signer_ca`, and the other one there is
    std::string top_pem;         ///< what stands above a leaf for servers: see load_or_make_server
};
/// What is on disk; at the first start a CA is made.
[[nodiscard]] Result<CaSet> load_or_make_ca_set(RootDir const& dir, Clock const& clock,
                                                Random& random);

/// What `adaos-root ca fingerprint` tells, read without making or finishing anything.
struct CaPins {
    std::string signer;  ///< for newcomers: servers show it from now until it is itself exchanged
    std::filesystem::path signer_file;
    std::vector<std::string> trusted;  ///< `signer` first
};
/// Errors: state_unreadable when no Root was ever started here; the files'.
[[nodiscard]] Result<CaPins> read_ca_pins(RootDir const& dir);

/// `adaos-root ca rotate`, `--activate`, `--finish`: from each phase to the next one. A running
/// Root notices within a second or two. Repeating a step that is done changes nothing. Errors:
/// config_invalid when another step comes first; the files'.
[[nodiscard]] Result<CaSet> prepare_next_ca(RootDir const& dir, Clock const& clock, Random& random);
[[nodiscard]] Result<CaSet> activate_next_ca(RootDir const& dir, Clock const& clock,
                                             Random& random);
/// Also refused before every certificate that the old CA signed can have been renewed, unless
/// `Finish::now`.
enum class Finish { in_time, now };
[[nodiscard]] Result<CaSet> drop_old_ca(RootDir const& dir, Finish when, Clock const& clock,
                                        Random& random);

/// adaos.ca-rotation/v1, and its text.
[[nodiscard]] std::string ca_set_json(CaSet const& set);
[[nodiscard]] std::string ca_set_text(CaSet const& set);

}  // namespace adaos::root
