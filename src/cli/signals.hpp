// SIGINT and SIGTERM: the first asks for a stop at the next safe point, the second stops at once.
#pragma once

namespace vaec::cli {

// Also ignores SIGPIPE, so that a closed pipe is an error of write().
void install_signal_handlers();

}  // namespace vaec::cli
