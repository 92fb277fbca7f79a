#include "base/stage.hpp"

#include <array>

namespace vaec::base {
namespace {

constexpr std::array<const char*, kStages> kNames = {"read",  "g_a",         "h_a",         "refine",
                                                     "h_s",   "h_s context", "range coder", "g_s",
                                                     "alpha", "guard",       "lossless",    "write"};

}  // namespace

const char* name_of(Stage stage) { return kNames.at(static_cast<std::size_t>(stage)); }

double seconds_in(Stage stage) {
  return 1e-9 *
         static_cast<double>(process_state().stage_nanoseconds.at(static_cast<std::size_t>(stage)).load());
}

void add_time(Stage stage, std::chrono::steady_clock::duration time) {
  process_state().stage_nanoseconds.at(static_cast<std::size_t>(stage)) +=
      std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

StageTimer::~StageTimer() { add_time(stage_, std::chrono::steady_clock::now() - start_); }

}  // namespace vaec::base
