// What errors count for the eye by where they are: busy places hide them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace vaec::codec {

// Chosen on training photographs by SSIMULACRA2 over bits, see docs/experiments.md ("For the eye").
inline constexpr float kMaskingCare = 0.5F, kMaskingSlope = 0.12F, kMaskingRange = 3;

// What `care` of SymbolChoice is multiplied with at a position: kMaskingCare where the mean index of its scales is what
// a busy picture has at that quality (1..100), up to kMaskingRange times that where it is smooth, down to the
// kMaskingRange-th part where there is more. Of an average photograph that is about 0.9 at qualities up to 30, 0.8 at
// 50, 0.4 at 90. `scales`: the position's scale indices; those of the channels `lf`, the LF image's, do not count.
[[nodiscard]] inline float masking_care(std::span<const std::uint8_t> scales, const std::vector<int>& lf,
                                        int quality) {
  const auto count = scales.size() - lf.size();
  if (count == 0) return 1;
  int sum = std::accumulate(scales.begin(), scales.end(), 0);
  for (const int channel : lf) sum -= scales[static_cast<std::size_t>(channel)];
  const float busy = 4.9F + 0.0875F * static_cast<float>(quality);
  const float busier = static_cast<float>(sum) / static_cast<float>(count) - busy;
  return kMaskingCare * std::clamp(std::exp(-kMaskingSlope * busier), 1 / kMaskingRange, kMaskingRange);
}

}  // namespace vaec::codec
