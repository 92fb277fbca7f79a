#include "base/interrupt.hpp"

#include <atomic>

#include "vaec/error.hpp"

namespace vaec::base {
namespace {

std::atomic<bool> stop = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

}  // namespace

bool stop_requested() { return stop.load(std::memory_order_relaxed); }
void request_stop() { stop.store(true, std::memory_order_relaxed); }
void throw_if_interrupted() {
  if (stop_requested()) throw Error(ErrorCode::kInterrupted, "interrupted");
}
void clear_stop_request() { stop.store(false, std::memory_order_relaxed); }

}  // namespace vaec::base
