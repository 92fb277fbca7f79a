#include "cli/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "base/interrupt.hpp"

namespace vaec::cli {
namespace {

// Works on for so many seconds after it was asked to stop.
[[noreturn]] void work_on(unsigned seconds) {
  install_signal_handlers();
  std::raise(SIGINT);
  while (seconds > 0) seconds = sleep(seconds);  // a signal cuts it short
  _exit(base::stop_requested() ? 0 : 1);
}

// Who asked for a stop hears that it was heard, if it takes longer than a moment.
TEST(Signals, AStopThatTakesItsTimeIsTold) {
  constexpr const char* kText = "^vaec: stopping... \\(once more to stop at once\\)\n$";
  EXPECT_EXIT(work_on(3), testing::ExitedWithCode(0), kText);
  EXPECT_EXIT(work_on(0), testing::ExitedWithCode(0), "^$");
}

TEST(Signals, ASecondOneEndsAtOnce) {
  const auto twice = [] {
    install_signal_handlers();
    std::raise(SIGINT);
    std::raise(SIGHUP);
  };
  EXPECT_EXIT(twice(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace vaec::cli
