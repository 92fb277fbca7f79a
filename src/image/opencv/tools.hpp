// What OpenCV does for vaec besides reading: see image/parts.hpp. Its exceptions end here.
#pragma once

#include <cstddef>
#include <vector>

#include "image/parts.hpp"

namespace vaec::image {

// Those that are linked.
[[nodiscard]] const OpenCvTools& linked_opencv_tools();

// A whole file of the format that OpenCV knows by `extension`, of 8 or 16 bits, alpha included. Throws Error
// kWrite.
[[nodiscard]] std::vector<std::byte> opencv_encode(const Image& image, const char* extension,
                                                   const std::vector<int>& parameters);

}  // namespace vaec::image
