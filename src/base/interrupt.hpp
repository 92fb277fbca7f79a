// SIGINT, SIGTERM and SIGHUP ask the program's long work to stop at the next safe point; in the library nothing does.
#pragma once

namespace vaec::base {

// True once request_stop() was called. Async-signal-safe, as is request_stop().
[[nodiscard]] bool stop_requested();
void request_stop();
// Throws Error kInterrupted if a stop was requested.
void throw_if_interrupted();

}  // namespace vaec::base
