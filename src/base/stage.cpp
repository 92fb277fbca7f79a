#include "base/stage.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace vaec::base {
namespace {

constexpr std::array<const char*, kStages> kNames = {"read",        "g_a",         "h_a", "refine", "h_s",
                                                     "h_s context", "range coder", "g_s", "alpha",  "write"};

std::array<std::atomic<std::int64_t>, kStages> nanoseconds{};

}  // namespace

const char* name_of(Stage stage) { return kNames.at(static_cast<std::size_t>(stage)); }

double seconds_in(Stage stage) {
  return 1e-9 * static_cast<double>(nanoseconds.at(static_cast<std::size_t>(stage)).load());
}

void add_time(Stage stage, std::chrono::steady_clock::duration time) {
  nanoseconds[static_cast<std::size_t>(stage)] +=
      std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

StageTimer::~StageTimer() { add_time(stage_, std::chrono::steady_clock::now() - start_); }

}  // namespace vaec::base
