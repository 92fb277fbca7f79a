// SIGINT, SIGTERM and, unless it is ignored from the start, SIGHUP: the first asks for a stop at the next safe point, and
// if that is not near a line says that it was heard; the second stops at once.
#pragma once

namespace vaec::cli {

// Also ignores SIGPIPE, so that a closed pipe is an error of write().
void install_signal_handlers();

}  // namespace vaec::cli
