// Lossy files of other codecs, through OpenCV, to compare with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

enum class LossyFormat { kJpeg, kWebp, kJpeg2000 };

// A whole file. `quality`: 1 to 100 for JPEG (4:2:0, optimized Huffman tables, progressive) and WebP (4:2:0,
// libwebp's default method); for JPEG 2000 the size in thousandths of the uncompressed picture's, 1 to 1000
// (5/3 wavelet: OpenCV offers no other). Throws Error: kLimit (a size that the format cannot hold), kWrite.
[[nodiscard]] std::vector<std::byte> encode_lossy(const Image& image, LossyFormat format, int quality);

// The picture in it, with `channels` channels. Throws Error kUnreadable.
[[nodiscard]] Image decode_lossy(std::span<const std::byte> file, std::uint32_t channels);

// The call of OpenCV that encode_lossy() makes, "<q>" for the quality.
[[nodiscard]] std::string lossy_call(LossyFormat format);

// OpenCV's version, and that of the library that it uses for `format`.
[[nodiscard]] std::string lossy_version(LossyFormat format);

}  // namespace vaec::image
