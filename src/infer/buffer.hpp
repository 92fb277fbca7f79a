// Memory for activations: aligned, never initialized.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace vaec::infer {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes) { reserve(bytes); }
  Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  // At least so many bytes; what was there is lost when it grows. Empty after std::bad_alloc.
  std::byte* reserve(std::size_t bytes) {
    if (bytes > size_) {
      size_ = 0;  // the old memory goes first, so that both are never there at the same time
      data_.reset();
      data_.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
      size_ = bytes;
    }
    return data_.get();
  }
  template <typename T>
  T* reserve_as(std::size_t count) {
    return reinterpret_cast<T*>(reserve(count * sizeof(T)));
  }
  [[nodiscard]] std::byte* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* p) const { ::operator delete(p, kAlignment); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

// The rows of a tensor that are at hand while it streams by: rows are added below and dropped above.
class Rows {
 public:
  // Bytes of one row.
  explicit Rows(std::size_t row_bytes) : row_bytes_(row_bytes) {}

  [[nodiscard]] int first() const { return first_; }
  [[nodiscard]] int end() const { return end_; }
  // Needs first() <= row <= end(). Rows follow one another without gaps.
  [[nodiscard]] std::byte* row(int row) const {
    return buffer_.data() + offset_ + static_cast<std::size_t>(row - first_) * row_bytes_;
  }
  template <typename T>
  [[nodiscard]] T* row_as(int at) const {
    return reinterpret_cast<T*>(row(at));
  }

  // Makes room for `count` rows below; gives where they begin. Earlier pointers are void. After
  // std::bad_alloc all is as before.
  std::byte* append(int count) {
    const auto kept = bytes(end_ - first_), wanted = kept + bytes(count);
    if (offset_ + wanted > buffer_.size()) {
      if (wanted > buffer_.size()) {
        // Room for more than is asked: where all that is there moved each time, or memory was new each time, it took a
        // fifth of the time.
        Buffer larger(2 * wanted);
        if (kept > 0) std::memcpy(larger.data(), buffer_.data() + offset_, kept);
        buffer_ = std::move(larger);
      } else if (kept > 0) {
        std::memmove(buffer_.data(), buffer_.data() + offset_, kept);
      }
      offset_ = 0;
    }
    end_ += count;
    return row(end_ - count);
  }
  void drop_before(int row) {
    if (row <= first_) return;
    offset_ += bytes(row - first_);
    first_ = row;
  }

 private:
  [[nodiscard]] std::size_t bytes(int rows) const { return static_cast<std::size_t>(rows) * row_bytes_; }

  std::size_t row_bytes_, offset_ = 0;
  int first_ = 0, end_ = 0;
  Buffer buffer_;
};

}  // namespace vaec::infer
