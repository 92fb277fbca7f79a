// What a process has once, however many of vaec's modules are loaded into it: each links a copy of this code
// of its own, and its entry adopts the state of the program or library that loads it (plugin/module.hpp).
#pragma once

#include <array>
#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>

namespace vaec::base {

inline constexpr std::size_t kStages = 12;                 // of base/stage.hpp
inline constexpr std::size_t kMostUnfinishedFiles = 1024;  // as many as there may be threads (-j)

// A temporary file under way (base/atomic_file.hpp), for the signal handler.
struct UnfinishedFile {
  std::atomic<bool> taken = false;
  std::atomic<bool> named = false;  // `path` is whole
  char path[PATH_MAX] = {};
};

struct ProcessState {
  std::atomic<bool> stop_requested = false;                            // base/interrupt.hpp
  std::array<std::atomic<std::int64_t>, kStages> stage_nanoseconds{};  // base/stage.hpp
  std::array<UnfinishedFile, kMostUnfinishedFiles> unfinished{};
};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets them");

// Async-signal-safe.
[[nodiscard]] ProcessState& process_state();
// From now on process_state() of this copy of the code is `state`, which must outlive it.
void adopt(ProcessState& state);

}  // namespace vaec::base
