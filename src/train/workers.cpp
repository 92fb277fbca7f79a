#include "train/workers.hpp"

#include <ATen/Parallel.h>
#include <c10/core/thread_pool.h>

#include <algorithm>
#include <exception>
#include <mutex>

// OpenBLAS has threads of its own, and matrix products called from several threads at once wait for them.
// Null where LibTorch's BLAS is another.
extern "C" void openblas_set_num_threads(int count) __attribute__((weak));

namespace vaec::train {
namespace {

void compute_alone() {
  at::parallel_for(0, 1, 1,
                   [](std::int64_t, std::int64_t) {});  // a thread's first sets its number of threads
  at::set_num_threads(1);
}

}  // namespace

Workers::Workers(int count) : count_(std::max(1, count)) {
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
  if (count_ == 1) return;
  at::set_num_threads(1);  // the caller's, which waits while the workers compute
  pool_ = std::make_unique<c10::ThreadPool>(count_, -1, compute_alone);
}

Workers::~Workers() = default;

void Workers::run(std::size_t jobs, const std::function<void(std::size_t)>& job) {
  if (!pool_) {
    for (std::size_t i = 0; i < jobs; ++i) job(i);
    return;
  }
  std::mutex mutex;
  std::exception_ptr thrown;
  for (std::size_t i = 0; i < jobs; ++i) {
    pool_->run([&, i] {
      try {
        job(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        thrown = std::current_exception();
      }
    });
  }
  pool_->waitWorkComplete();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace vaec::train
