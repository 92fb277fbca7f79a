// SSIMULACRA2 (Sneyers 2022; the tool `ssimulacra2` of libjxl, version 2.1): how near a picture looks to its original. Of the metrics that are quick to
// compute it agrees best with people on compressed pictures.
#pragma once

#include <cstdint>
#include <optional>

#include "vaec/image.hpp"

namespace vaec::eval {

// A picture with a shorter side has none.
inline constexpr std::uint32_t kSmallestSsimulacra2Side = 8;

// Up to 100 (equal pictures): 90 looks the same, 70 is high quality, 50 medium, 30 low; below 0 if little is left. Both
// pictures are taken for sRGB. Pictures with alpha are laid on dark grey and on light grey; the worse score counts.
// Nothing if a side is under 8 pixels. Throws Error kInternal unless both have the same size, channels and depth.
[[nodiscard]] std::optional<double> ssimulacra2(const Image& original, const Image& distorted);

// Bytes that it takes besides the pictures: rows of some widths, whatever the height.
[[nodiscard]] constexpr std::uint64_t ssimulacra2_memory(std::uint32_t width) {
  constexpr std::uint64_t kColumn = 2600, kTables = 1 << 20;
  return kColumn * width + kTables;
}

}  // namespace vaec::eval
