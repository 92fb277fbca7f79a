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

// Takes the rows of a frame one by one and fills the result: each sample the rounded mean of its cell.
// Sample: std::uint8_t or std::uint16_t.
template <typename Sample>
class Downscaler {
 public:
  // `result` has the frame's height * width * channels samples.
  Downscaler(const Frame& frame, std::uint32_t channels, std::vector<Sample>& result);
  // The next row of the frame, (right - left) * channels samples.
  void push(const Sample* samples);

 private:
  Frame frame_;
  std::uint32_t channels_;
  std::vector<Sample>& result_;
  std::vector<std::uint32_t> sums_;
  std::uint32_t rows_ = 0, done_ = 0;
};

// What a frame shows of a plane that is there as a whole, or from the picture's row `first` on.
template <typename Sample>
[[nodiscard]] std::vector<Sample> framed(const std::vector<Sample>& plane, std::uint32_t width,
                                         std::uint32_t channels, const Frame& frame, std::uint32_t first = 0);

// The view of an 8-bit picture without alpha that is there as a whole.
[[nodiscard]] Image view_of(const Image& image, const View& view);

}  // namespace vaec::codec
