// The one place where OpenCV encodes, and where its exceptions end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

struct OpenCvEncoder {
  const char* extension;       // by which OpenCV knows the format
  std::uint32_t largest_side;  // that the format can hold
  std::vector<int> parameters;
};

inline constexpr std::uint32_t kAnySide = 0x7fffffff;
inline constexpr std::uint32_t kLargestJpegSide = 65535;
inline constexpr std::uint32_t kLargestWebpSide = 16383;

// A whole file. Throws Error: kLimit (a size that the format cannot hold), kWrite.
[[nodiscard]] std::vector<std::byte> opencv_encode(const Image& image, const OpenCvEncoder& encoder);

}  // namespace vaec::image
