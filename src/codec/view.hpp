// Parts of pictures, and smaller ones.
#pragma once

#include <cstdint>
#include <vector>

#include "vaec/image_view.hpp"
#include "vaec/options.hpp"

namespace vaec::codec {

// What of a picture a view shows, in pixels of the picture; x and y are multiples of the scale.
struct Frame {
  std::uint32_t left, top, right, bottom;
  std::uint32_t scale;
  [[nodiscard]] std::uint32_t width() const { return (right - left + scale - 1) / scale; }  // of the result
  [[nodiscard]] std::uint32_t height() const { return (bottom - top + scale - 1) / scale; }
};

// Throws Error kUsage: a scale that is none, a rectangle that is not inside the picture.
[[nodiscard]] Frame frame_of(const View& view, std::uint32_t width, std::uint32_t height);

// Takes the rows of a frame one by one and fills the result: each sample the rounded mean of its cell.
// Sample: std::uint8_t or std::uint16_t.
template <typename Sample>
class Downscaler {
 public:
  // `result`: of the frame's height and width.
  Downscaler(const Frame& frame, std::uint32_t channels, const Plane<void*>& result);
  // The next row of the frame, (right - left) * channels samples.
  void push(const Sample* samples);

 private:
  Frame frame_;
  std::uint32_t channels_;
  Plane<void*> result_;
  std::vector<std::uint32_t> sums_;
  std::uint32_t rows_ = 0, done_ = 0;
};

}  // namespace vaec::codec
