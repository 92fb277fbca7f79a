// Threads, as many as the system gives: a limit of processes or of memory must not end the work.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace vaec::base {

// How a thread is started. Throws std::system_error or std::bad_alloc where there is none to be had; tests
// give another one.
using StartThread = std::function<std::jthread(std::function<void()>)>;
[[nodiscard]] std::jthread start_thread(std::function<void()> work);

// Starts threads that run work(0), work(1), ... work(count - 1), or the first few of these where the system
// gives no more: there may be none, so that the caller must be able to do the work alone. `work` must not
// throw.
[[nodiscard]] std::vector<std::jthread> start_threads(std::size_t count,
                                                      const std::function<void(std::size_t)>& work,
                                                      const StartThread& start = start_thread);

// How many threads the system gives beside this one, up to `most`: they are started, and end again.
[[nodiscard]] std::size_t count_startable(std::size_t most, const StartThread& start = start_thread);

}  // namespace vaec::base
