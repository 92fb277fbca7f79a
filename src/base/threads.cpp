#include "base/threads.hpp"

#include <latch>
#include <new>
#include <system_error>
#include <utility>

namespace vaec::base {

std::jthread start_thread(std::function<void()> work) { return std::jthread(std::move(work)); }

std::vector<std::jthread> start_threads(std::size_t count, const std::function<void(std::size_t)>& work,
                                        const StartThread& start) {
  std::vector<std::jthread> threads;
  try {
    threads.reserve(count);
    while (threads.size() < count) threads.push_back(start([work, i = threads.size()] { work(i); }));
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  return threads;
}

std::size_t count_startable(std::size_t most, const StartThread& start) {
  std::latch counted(1);
  const auto threads = start_threads(
      most, [&](std::size_t) { counted.wait(); }, start);
  counted.count_down();
  return threads.size();
}

}  // namespace vaec::base
