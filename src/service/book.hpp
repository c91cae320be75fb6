#pragma once
/// The services of a node on disk: `state/services.json` (state/services.schema.json). Commands
/// write it; a running node sees within a second that it changed.

#include "identity/base_dir.hpp"
#include "service/service.hpp"
#include "store/atomic_file.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adaos::service {

/// Most services of one node.
inline constexpr std::size_t max_services = 64;

/// In the order of their names; none when there is no file. Errors: Problem::state_damaged with the
/// file's name for a file that is not what `store` writes; the disk's.
[[nodiscard]] Result<std::vector<Service>> load(identity::BaseDir const& dir);

enum class Added { anew, already_there };
/// Adds one, whole or not at all, under a lock between processes. The same again is
/// `already_there`. Errors: service_taken for a name with another target or other rules;
/// services_full; `check`'s; those of `load`.
[[nodiscard]] Result<Added> add(identity::BaseDir const& dir, Service const& service);
/// Errors: service_unknown; those of `load`.
[[nodiscard]] Result<void> remove(identity::BaseDir const& dir, std::string_view name);

/// The book as a running node has it.
class Book {
public:
    explicit Book(identity::BaseDir dir) : dir_(std::move(dir)) {}
    /// Reads the file when it has changed. A file that cannot be read leaves what was there, and is
    /// an error once per change.
    Result<void> refresh();
    /// Null when there is none. Valid until the next `refresh`.
    [[nodiscard]] Service const* find(std::string_view name) const;

private:
    identity::BaseDir dir_;
    store::Version seen_;
    std::vector<Service> services_;
};

}  // namespace adaos::service
