// BMP pictures whose pixels are bit fields of any widths, of which OpenCV reads the usual ones only.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>

#include "image/probe.hpp"

namespace vaec::image {

// The pixels, which `file` holds: BGR, or BGRA if there is a mask for alpha;
// of 16 bits where a mask has more than 8.
[[nodiscard]] cv::Mat decode_bit_fields(std::span<const std::byte> file, const BmpBitFields& fields);

}  // namespace vaec::image
