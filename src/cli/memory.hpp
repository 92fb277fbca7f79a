// --memory: how much the files of a batch that are worked on at the same time may take together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "vaec/error.hpp"

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

  // Waits until so much is free. Throws Error kLimit for more than the limit.
  [[nodiscard]] Share take(std::uint64_t bytes) {
    if (limit_ == 0) return Share(nullptr, 0);
    if (bytes > limit_) {
      throw Error(ErrorCode::kLimit, "it takes up to " + std::to_string((bytes >> 20) + 1) +
                                         " MiB of memory, --memory allows " + std::to_string(limit_ >> 20) +
                                         " MiB");
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return used_ <= limit_ - bytes; });
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
