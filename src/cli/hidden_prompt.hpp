#pragma once
/// A question at the terminal whose answer is not shown.

#include "cli/secret_source.hpp"

namespace adaos::cli {

/// Shows `question` on `err` and takes a line from the terminal that standard input is, with echo
/// off. The terminal is as before when this returns, and also when a signal ends (INT, TERM, HUP,
/// QUIT) or stops (TSTP) the process, which such a signal still does; after a stop the question is
/// put again. Errors: secret_unreadable, interrupted when the signal was being ignored.
[[nodiscard]] Result<Secret> ask_hidden(std::ostream& err, std::string_view question);

/// `ask_hidden`; empty when standard input is no terminal.
[[nodiscard]] AskHidden usual_prompt();

}  // namespace adaos::cli
