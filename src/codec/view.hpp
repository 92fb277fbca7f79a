// Parts of pictures, and smaller ones.
#pragma once

#include <cstdint>
#include <vector>

#include "vaec/codec.hpp"

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

// Takes the rows of a frame one by one and fills the result: each pixel the rounded mean of its cell.
class Downscaler {
 public:
  // `image` has the size of the frame's result.
  Downscaler(const Frame& frame, Image& image);
  // The next row of the frame, (right - left) * channels samples.
  void push(const std::uint8_t* samples);

 private:
  Frame frame_;
  Image& image_;
  std::vector<std::uint32_t> sums_;
  std::uint32_t rows_ = 0, done_ = 0;
};

// The view of a picture that is there as a whole.
[[nodiscard]] Image view_of(const Image& image, const View& view);

}  // namespace vaec::codec
