#include "base/interrupt.hpp"

#include "base/process_state.hpp"
#include "vaec/error.hpp"

namespace vaec::base {
bool stop_requested() { return process_state().stop_requested.load(std::memory_order_relaxed); }
void request_stop() { process_state().stop_requested.store(true, std::memory_order_relaxed); }
void throw_if_interrupted() {
  if (stop_requested()) throw Error(ErrorCode::kInterrupted, "interrupted");
}

}  // namespace vaec::base
