// Threads that take finished work over, so that those that compute need not wait for the disk.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "base/threads.hpp"

namespace vaec::cli {

class Writers {
 public:
  using Task = std::function<void()>;

  // At most `waiting` tasks wait: who hands over one more waits, too, so that memory stays bounded. Fewer
  // threads than `threads` do where the system gives no more; without any, who hands over a task runs it.
  Writers(std::size_t threads, std::size_t waiting, const base::StartThread& start = base::start_thread)
      : waiting_(waiting),
        pool_(base::start_threads(
            threads, [this](std::size_t) { work(); }, start)) {}
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;
  // Waits until all is done.
  ~Writers() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    pool_.clear();  // joins
  }

  // `task` must not throw.
  void push(Task task) {
    if (pool_.empty()) return task();
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return tasks_.size() < waiting_; });
      tasks_.push(std::move(task));
    }
    changed_.notify_all();
  }

 private:
  void work() {
    while (true) {
      Task task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop();
      }
      changed_.notify_all();
      task();
    }
  }

  std::size_t waiting_;
  bool closed_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<Task> tasks_;
  std::vector<std::jthread> pool_;  // the last: it uses the others
};

}  // namespace vaec::cli
