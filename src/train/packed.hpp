// Packed data sets (*.vpack): decoded images in one file, for machines that train without an image library.
//
// All numbers are uint32, little-endian:
//   magic "VPCK" (4 bytes), version (1), count
//   count times: width, height, channels (1: grey, 3: RGB), then width * height * channels bytes, rows from
//   top to bottom, channels interleaved
// Nothing follows the last image. In Python, with `images` a list of uint8 arrays [height, width, channels]:
//   file.write(struct.pack("<4sII", b"VPCK", 1, len(images)))
//   for a in images: file.write(struct.pack("<III", a.shape[1], a.shape[0], a.shape[2]) + a.tobytes())
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaec::train {

struct PackedImage {
  std::uint32_t width = 0, height = 0, channels = 0;
  std::span<const std::byte> samples;  // points into the bytes that were parsed
};

// Throws Error kUnreadable: not a packed data set, another version, truncated, longer than its images, an
// image of no pixels or of other than 1 or 3 channels. Allocates nothing from a count in the file unchecked.
[[nodiscard]] std::vector<PackedImage> parse_packed(std::span<const std::byte> bytes);

}  // namespace vaec::train
