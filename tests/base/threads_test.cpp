#include "base/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace vaec::base {
namespace {

// Gives so many threads, then none.
StartThread only(std::size_t most, bool out_of_memory = false) {
  const auto started = std::make_shared<std::size_t>(0);
  return [=](std::function<void()> work) {
    if ((*started)++ < most) return start_thread(std::move(work));
    if (out_of_memory) throw std::bad_alloc();
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  };
}

TEST(Threads, AsManyAsTheSystemGives) {
  for (const bool out_of_memory : {false, true}) {
    for (std::size_t most = 0; most <= 5; ++most) {
      std::atomic<int> ran = 0;
      auto threads = start_threads(
          4, [&](std::size_t i) { ran += 1 << i; }, only(most, out_of_memory));
      const std::size_t expected = std::min<std::size_t>(most, 4);
      EXPECT_EQ(threads.size(), expected);
      threads.clear();
      EXPECT_EQ(ran, (1 << expected) - 1);
    }
  }
}

TEST(Threads, AreCountedByStartingThem) {
  EXPECT_EQ(count_startable(3), 3U);
  EXPECT_EQ(count_startable(9, only(2)), 2U);
  EXPECT_EQ(count_startable(9, only(0)), 0U);
}

}  // namespace
}  // namespace vaec::base
