#pragma once
/// What both programs do with themselves before anything else.

namespace adaos::cli {

/// Files are for the owner alone; a crash leaves no core with keys in it; a reader that goes away
/// is an error of a write and not the end of the process. Descriptors 0 to 2 are taken: else the
/// first file that is opened would be what results are written to. A closed stdout stays one that
/// cannot be written.
void protect_process() noexcept;

/// For a server: SIGHUP is kept for a reload and does nothing yet.
void ignore_hangup() noexcept;

}  // namespace adaos::cli
