// Threads that take finished work over, so that those that compute need not wait for the disk.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace vaec::cli {

class Writers {
 public:
  using Task = std::function<void()>;

  // At most `waiting` tasks wait: who hands over one more waits, too, so that memory stays bounded.
  Writers(std::size_t threads, std::size_t waiting) : waiting_(waiting) {
    for (std::size_t i = 0; i < threads; ++i) pool_.emplace_back([this] { work(); });
  }
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
  std::vector<std::jthread> pool_;
};

}  // namespace vaec::cli
