// A decoded picture in memory.
#pragma once

#include <cstdint>
#include <vector>

namespace vaec {

// 8-bit samples, rows from top to bottom, channels interleaved: grey, or R G B (sRGB code values).
struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 0;         // 1 (grey) or 3 (RGB)
  std::vector<std::uint8_t> samples;  // width * height * channels

  [[nodiscard]] bool operator==(const Image&) const = default;
};

}  // namespace vaec
