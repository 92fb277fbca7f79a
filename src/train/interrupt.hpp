// SIGINT and SIGTERM ask long work to stop at the next safe point.
#pragma once

namespace vaec::train {

// True once request_stop() was called. Async-signal-safe, as is request_stop().
[[nodiscard]] bool stop_requested();
void request_stop();
// So that work can begin again in the same process.
void clear_stop_request();

}  // namespace vaec::train
