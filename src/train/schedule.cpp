#include "train/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "vaec/error.hpp"

namespace vaec::train {
namespace {

constexpr std::int64_t kWarmUpSteps = 200;
constexpr double kFinalRate = 0.01;        // share of the learning rate that the cosine ends at
constexpr int kValidations = 12;           // over a run
constexpr std::int64_t kFewestSteps = 50;  // between two, unless the clock decides
constexpr double kLeastPause = 10;         // between two, times what the last one took

}  // namespace

Schedule schedule_from(const std::string& name) {
  if (name == "cosine") return Schedule::kCosine;
  if (name == "constant") return Schedule::kConstant;
  throw Error(ErrorCode::kUsage, "--schedule is cosine or constant, not " + name);
}

double learning_rate_share(Schedule schedule, std::int64_t step, double done) {
  const double warm = std::min(1.0, static_cast<double>(step + 1) / kWarmUpSteps);
  if (schedule == Schedule::kConstant) return warm;
  return warm * (kFinalRate + (1 - kFinalRate) * 0.5 * (1 + std::cos(M_PI * done)));
}

Validations::Validations(double minutes, std::int64_t total_steps, double run_minutes) {
  if (minutes > 0) {
    every_seconds_ = minutes * 60;
  } else if (total_steps > 0) {
    every_steps_ = std::max(kFewestSteps, total_steps / kValidations);
  } else {
    every_seconds_ = run_minutes * 60 / kValidations;
  }
}

bool Validations::due(std::int64_t step, double now) const {
  return every_seconds_ > 0 ? now >= next_ : step % every_steps_ == 0;
}

void Validations::made(double began, double ended) {
  next_ = std::max(began + every_seconds_, ended + kLeastPause * (ended - began));
}

}  // namespace vaec::train
