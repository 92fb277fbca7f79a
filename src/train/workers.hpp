// Threads that train side by side. Each computes alone, LibTorch and its BLAS on one thread inside: a network
// of small layers leaves a second OpenMP thread waiting at barriers half of the time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/threads.hpp"

namespace vaec::train {

// Not thread-safe.
class Workers {
 public:
  // With one (or on a GPU) jobs run in the calling thread, with all the threads that LibTorch has there.
  // Where the system gives fewer threads, these do the work of all, or the calling thread if there is none.
  explicit Workers(int count, const base::StartThread& start = base::start_thread);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  [[nodiscard]] int count() const { return count_; }
  // Runs job(0) to job(jobs - 1), begun in that order, and returns when all have ended. Rethrows one of the
  // exceptions that they threw. Which thread runs which job is not defined.
  void run(std::size_t jobs, const std::function<void(std::size_t)>& job);

 private:
  int count_;
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace vaec::train
