// Where the time goes: seconds that this process has spent in each stage of coding, all threads together.
// Used by `compress -v` and `decompress -v`.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/process_state.hpp"

namespace vaec::base {

enum class Stage {
  kRead,            // the picture's own format, or the .vaec file
  kAnalysis,        // pixels to tensors, g_a
  kHyperAnalysis,   // h_a
  kRefine,          // gradient steps, efforts 3 to 9
  kHyperSynthesis,  // h_s: trunk and first pass
  kContext,         // h_s: context and second pass
  kRangeCoder,      // both latents
  kSynthesis,       // g_s
  kAlpha,           // its coding, and the fill of what is transparent
  kGuard,           // looking for what is drawn
  kLossless,        // what keeps every sample
  kWrite,           // the picture's own format, or the .vaec file
};
static_assert(static_cast<std::size_t>(Stage::kWrite) + 1 == kStages);

[[nodiscard]] const char* name_of(Stage stage);
[[nodiscard]] double seconds_in(Stage stage);
void add_time(Stage stage, std::chrono::steady_clock::duration time);

// Counts from its construction to its destruction. Thread-safe.
class StageTimer {
 public:
  explicit StageTimer(Stage stage) : stage_(stage) {}
  ~StageTimer();
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  Stage stage_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace vaec::base
