// PNG files through libpng itself: OpenCV, which uses it, too, loses the alpha of grey pictures, and lets
// libpng print its complaints. Part of the module that links it.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>

namespace vaec::image {

// Of 8 or 16 bits, as the file has it: grey, grey and alpha, BGR, or BGRA; palettes are BGR, transparent
// colours alpha. Throws Error kUnreadable for a file that is damaged, and std::bad_alloc.
[[nodiscard]] cv::Mat decode_png(std::span<const std::byte> file);

}  // namespace vaec::image
