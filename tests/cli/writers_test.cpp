#include "cli/writers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <system_error>
#include <utility>

namespace vaec::cli {
namespace {

// Every task is done, whichever thread is the first that cannot be started.
TEST(Writers, DoAllWithTheThreadsThatThereAre) {
  for (int most = 0; most <= 4; ++most) {
    const auto started = std::make_shared<int>(0);
    const base::StartThread start = [&](std::function<void()> work) {
      if ((*started)++ < most) return base::start_thread(std::move(work));
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    };
    std::atomic<int> done = 0;
    {
      Writers writers(4, 2, start);
      for (int i = 0; i < 50; ++i) writers.push([&] { ++done; });
    }
    EXPECT_EQ(done, 50) << most;
  }
}

}  // namespace
}  // namespace vaec::cli
