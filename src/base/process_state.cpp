#include "base/process_state.hpp"

namespace vaec::base {
namespace {

ProcessState own;
std::atomic<ProcessState*> used = &own;

}  // namespace

ProcessState& process_state() { return *used.load(std::memory_order_relaxed); }
void adopt(ProcessState& state) { used.store(&state, std::memory_order_relaxed); }

}  // namespace vaec::base
