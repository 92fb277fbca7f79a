// SIGINT and SIGTERM ask long work to stop at the next safe point.
#pragma once

namespace vaec::base {

// True once request_stop() was called. Async-signal-safe, as is request_stop().
[[nodiscard]] bool stop_requested();
void request_stop();
// Throws Error kInterrupted if a stop was requested.
void throw_if_interrupted();

}  // namespace vaec::base
