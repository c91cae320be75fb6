#include "root/root_files.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"

#include <cstdlib>

namespace adaos::root {
namespace {

using store::Mode;

Result<std::string> need_file(std::filesystem::path const& path) {
    auto text = store::read_secret(path);
    if (!text) return text.error();
    if (!*text) return Error(Problem::state_damaged, path.string() + " is missing");
    return std::move(**text);
}

/// The hosts a serving certificate was made for, kept beside it in its own comment line.
std::string hosts_line(std::vector<std::string> const& hosts) {
    std::string line = "# hosts:";
    for (auto const& h : hosts) line += ' ' + h;
    return line + '\n';
}

bool still_good(std::string const& stored, std::string const& line, std::string const& top_pem,
                WallTime now) {
    if (!stored.starts_with(line) || !stored.ends_with(top_pem)) return false;
    auto const leaf = pki::Certificate::from_pem(stored);
    if (!leaf || now < leaf->not_before() || now >= pki::half_life(*leaf)) return false;
    return pki::verify_chain(stored, top_pem, now).has_value();
}

}  // namespace

Result<RootDir> find_root_dir(std::optional<std::string> const& flag) {
    if (flag) return RootDir{std::filesystem::absolute(*flag)};
    if (char const* const set = std::getenv("ADAOS_ROOT_BASE_DIR"); set && *set)
        return RootDir{std::filesystem::absolute(set)};
    char const* const home = std::getenv("HOME");
    if (home == nullptr || *home == '\0')
        return Error(Problem::config_invalid, "HOME is not set; give --base-dir");
    return RootDir{std::filesystem::path(home) / ".adaos-root"};
}

Result<pki::Authority> load_or_make_ca(RootDir const& dir, Clock const& clock, Random& random) {
    for (auto const& folder : {dir.root, dir.keys(), dir.state()}) {
        if (auto made = store::make_private_folder(folder); !made) return made.error();
        store::remove_leftovers(folder);
    }
    auto const cert = store::read_file(dir.ca_cert());
    if (!cert) return cert.error();
    if (*cert) {
        auto const key = need_file(dir.ca_key());
        if (!key) return key.error();
        return pki::Authority::load(**cert, Secret(*key));
    }
    auto made = pki::Authority::make("adaos Root CA", "", pki::KeyType::p256, clock.wall(), random);
    if (!made) return made.error();
    auto written = store::write_file(dir.ca_key(), made->key_pem().reveal(), Mode::secret);
    if (!written) return written.error();
    written = store::write_file(dir.ca_cert(), made->chain_pem(), Mode::readable);
    if (!written) return written.error();
    return made;
}

Result<net::TlsIdentity> load_or_make_server(RootDir const& dir, pki::Authority const& ca,
                                             std::string const& top_pem,
                                             std::vector<std::string> const& hosts,
                                             Clock const& clock, Random& random) {
    auto const line = hosts_line(hosts);
    auto const stored = store::read_file(dir.server_cert());
    if (!stored) return stored.error();
    auto const stored_key = store::read_secret(dir.server_key());
    if (!stored_key) return stored_key.error();
    if (*stored && *stored_key && still_good(**stored, line, top_pem, clock.wall()))
        return net::TlsIdentity{**stored, Secret(**stored_key)};

    auto key = pki::Key::make(pki::KeyType::p256);
    if (!key) return key.error();
    auto chain = ca.issue_server(*key, hosts, pki::Authority::Kind::root, clock.wall(), random);
    if (!chain) return chain.error();
    auto const leaf = pki::Certificate::from_pem(*chain);
    if (!leaf) return leaf.error();
    *chain = leaf->to_pem() + top_pem;
    // Certificate first: one that is `still_good` must never stand beside another one's key, and a
    // crash between the two writes leaves a pair that is made anew because hosts_line comes last.
    auto written = store::write_file(dir.server_cert(), *chain, Mode::readable);
    if (!written) return written.error();
    written = store::write_file(dir.server_key(), key->to_pem().reveal(), Mode::secret);
    if (!written) return written.error();
    written = store::write_file(dir.server_cert(), line + *chain, Mode::readable);
    if (!written) return written.error();
    return net::TlsIdentity{*chain, key->to_pem()};
}

Result<Secret> load_or_make_token(RootDir const& dir, Random& random) {
    auto const stored = store::read_secret(dir.token());
    if (!stored) return stored.error();
    if (*stored) {
        auto const text = trim(**stored);
        if (text.size() < 32) return Error(Problem::state_damaged, dir.token().string());
        return Secret(std::string(text));
    }
    Bytes raw(32);
    random.fill(raw);
    Secret token("adaos_rt_" + to_base64url(raw));
    auto written = store::write_file(dir.token(), token.reveal() + "\n", Mode::secret);
    if (!written) return written.error();
    return token;
}

}  // namespace adaos::root
