// Rows that stream by as the input of a convolution, with the padding that it sees around the picture.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "infer/buffer.hpp"

namespace vaec::infer {

// T: std::uint8_t or std::int16_t.
template <typename T>
class PaddedRows {
 public:
  // Of a picture of `height` x `width` positions; `padding` positions of the value `zero` around it.
  PaddedRows(int height, int width, std::size_t channels, int padding, T zero)
      : height_(height),
        width_(width),
        channels_(channels),
        padding_(padding),
        zero_(zero),
        rows_(line() * sizeof(T)) {}

  [[nodiscard]] int end() const { return end_; }
  [[nodiscard]] int padding() const { return padding_; }
  // How many rows of a convolution's result there is enough for.
  [[nodiscard]] int computable() const { return end_ == height_ ? height_ : std::max(0, end_ - padding_); }
  // The width * channels values of a row.
  [[nodiscard]] T* row(int row) {
    return rows_.row_as<T>(row + padding_) + static_cast<std::size_t>(padding_) * channels_;
  }
  // What the convolution sees for the rows of its result from `row` on: padded lines.
  [[nodiscard]] const T* window(int row) { return rows_.row_as<T>(row); }

  [[nodiscard]] std::size_t line() const {  // values of a padded line
    return (static_cast<std::size_t>(width_) + 2 * static_cast<std::size_t>(padding_)) * channels_;
  }

  // Makes room for `count` rows below, to be filled. Earlier pointers are void.
  void append(int count) {
    if (count <= 0) return;
    if (end_ == 0) pad_lines();
    auto* to = reinterpret_cast<T*>(rows_.append(count));
    const auto side = static_cast<std::size_t>(padding_) * channels_;
    for (int i = 0; i < count && side > 0; ++i, to += line()) {
      std::fill_n(to, side, zero_);
      std::fill_n(to + line() - side, side, zero_);
    }
    end_ += count;
    if (end_ == height_) pad_lines();
  }
  // The rows of the result before `row` are computed.
  void drop_before(int row) { rows_.drop_before(row); }

 private:
  void pad_lines() {
    if (padding_ == 0) return;
    std::fill_n(reinterpret_cast<T*>(rows_.append(padding_)), line() * static_cast<std::size_t>(padding_),
                zero_);
  }

  int height_, width_;
  std::size_t channels_;
  int padding_;
  T zero_;
  Rows rows_;
  int end_ = 0;
};

}  // namespace vaec::infer
