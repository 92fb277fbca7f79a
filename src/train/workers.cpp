#include "train/workers.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

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

class Workers::Pool {
 public:
  using Job = std::function<void(std::size_t)>;

  // As many threads as the system gives, up to `count`.
  Pool(int count, const base::StartThread& start)
      : threads_(base::start_threads(
            static_cast<std::size_t>(count), [this](std::size_t) { work(); }, start)) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    threads_.clear();  // joins
  }

  [[nodiscard]] bool is_empty() const { return threads_.empty(); }

  // `job` must not throw.
  void run(std::size_t jobs, const Job& job) {
    std::unique_lock lock(mutex_);
    job_ = &job;
    next_ = 0;
    jobs_ = left_ = jobs;
    changed_.notify_all();
    changed_.wait(lock, [&] { return left_ == 0; });
  }

 private:
  void work() {
    compute_alone();
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return closed_ || next_ < jobs_; });
      if (closed_) return;
      const std::size_t i = next_++;
      lock.unlock();
      (*job_)(i);
      lock.lock();
      if (--left_ == 0) changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  const Job* job_ = nullptr;
  std::size_t next_ = 0, jobs_ = 0, left_ = 0;
  std::vector<std::jthread> threads_;  // the last: they use the others
};

Workers::Workers(int count, const base::StartThread& start) : count_(std::max(1, count)) {
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
  if (count_ == 1) return;
  at::set_num_threads(1);  // the caller's, which waits while the workers compute
  pool_ = std::make_unique<Pool>(count_, start);
}

Workers::~Workers() = default;

void Workers::run(std::size_t jobs, const std::function<void(std::size_t)>& job) {
  if (!pool_ || pool_->is_empty()) {
    for (std::size_t i = 0; i < jobs; ++i) job(i);
    return;
  }
  std::mutex mutex;
  std::exception_ptr thrown;
  pool_->run(jobs, [&](std::size_t i) {
    try {
      job(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
  });
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace vaec::train
