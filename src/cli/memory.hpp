// --memory: how much the files of a batch that are worked on at the same time may take together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace vaec::cli {

// Thread-safe.
class MemoryGate {
 public:
  // Bytes; 0: no limit.
  explicit MemoryGate(std::uint64_t limit) : limit_(limit) {}

  // A share of the memory, given back when it is destroyed.
  class Share {
   public:
    Share(Share&& other) noexcept : gate_(other.gate_), bytes_(other.bytes_) { other.gate_ = nullptr; }
    Share(const Share&) = delete;
    ~Share() {
      if (gate_ != nullptr) gate_->give_back(bytes_);
    }

   private:
    friend class MemoryGate;
    Share(MemoryGate* gate, std::uint64_t bytes) : gate_(gate), bytes_(bytes) {}
    MemoryGate* gate_;
    std::uint64_t bytes_;
  };

  // Waits until so much is free; what is more than the limit waits until it is alone.
  [[nodiscard]] Share take(std::uint64_t bytes) {
    if (limit_ == 0) return Share(nullptr, 0);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return used_ == 0 || (bytes <= limit_ && used_ <= limit_ - bytes); });
    used_ += bytes;
    return Share(this, bytes);
  }

 private:
  void give_back(std::uint64_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      used_ -= bytes;
    }
    changed_.notify_all();
  }

  std::uint64_t limit_, used_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace vaec::cli
