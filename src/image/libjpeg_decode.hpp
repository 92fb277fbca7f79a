// JPEG files through libjpeg itself: OpenCV, which uses it, too, takes damaged pictures for good ones. Part
// of the module that links it.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>

namespace vaec::image {

// Grey or BGR of 8 bits, as the file has it; not turned upright. Throws Error kUnreadable for a file that is
// damaged or of a kind that libjpeg does not know, and std::bad_alloc.
[[nodiscard]] cv::Mat decode_jpeg(std::span<const std::byte> file);

}  // namespace vaec::image
