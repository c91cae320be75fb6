#pragma once
/// `state/serve.json`: where this server listens, for the commands beside it. Written when the port
/// is open, removed at an orderly end.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/network.hpp"

#include <filesystem>
#include <string>

namespace adaos::api {

[[nodiscard]] Result<void> write_serve_file(std::filesystem::path const& path,
                                            net::Endpoint const& at, std::string const& url,
                                            WallTime started);
void remove_serve_file(std::filesystem::path const& path) noexcept;

}  // namespace adaos::api
