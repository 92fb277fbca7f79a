// What a training run does when: its learning rate, and when it validates.
#pragma once

#include <cstdint>
#include <string>

namespace vaec::train {

enum class Schedule { kCosine, kConstant };
[[nodiscard]] Schedule schedule_from(const std::string& name);  // "cosine", "constant"; throws Error kUsage

// The share of its learning rate at which a run steps: it grows over the first 200 steps; then it stays, or
// falls along a cosine to 1/100. `step` counts from 0, `done` is how much of the run is over, 0..1.
[[nodiscard]] double learning_rate_share(Schedule schedule, std::int64_t step, double done);

// A run of so many steps validates at steps that depend on their number alone, so that it can be repeated. A
// run by the clock validates by the clock, and gives validations at most a tenth of its time, however slow
// the machine.
class Validations {
 public:
  // `minutes`: between two; 0: twelve over the run of `total_steps`, or of `run_minutes` if that is 0.
  Validations(double minutes, std::int64_t total_steps, double run_minutes);

  // Whether one is due after `step` steps. Times are in seconds, of any one clock.
  [[nodiscard]] bool due(std::int64_t step, double now) const;
  void made(double began, double ended);

 private:
  std::int64_t every_steps_ = 0;
  double every_seconds_ = 0;  // 0: by steps
  double next_ = 0;           // not before
};

}  // namespace vaec::train
