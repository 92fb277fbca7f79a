// What errors count for the eye by where they are: busy places hide them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vaec::codec {

// Fitted on training photographs to SSIMULACRA2 over bits, see docs/experiments.md ("For the eye").
inline constexpr float kMaskingCare = 0.5F, kMaskingSlope = 0.12F, kMaskingRange = 3;

// What `care` of SymbolChoice is multiplied with at a position: around kMaskingCare where the picture is as busy as
// photographs are on average at that quality (1..100), up to kMaskingRange times that where it is smooth, down to
// the kMaskingRange-th part where there is much. `scales`: the position's scale indices, of those channels alone that are not the LF image's.
[[nodiscard]] inline float masking_care(const std::uint8_t* scales, const std::vector<bool>& is_lf,
                                        int quality) {
  int sum = 0, count = 0;
  for (std::size_t c = 0; c < is_lf.size(); ++c) {
    if (is_lf[c]) continue;
    sum += scales[c];
    ++count;
  }
  if (count == 0) return 1;
  const float usual = 4.9F + 0.0875F * static_cast<float>(quality);  // mean index over photographs
  const float busier = static_cast<float>(sum) / static_cast<float>(count) - usual;
  return kMaskingCare * std::clamp(std::exp(-kMaskingSlope * busier), 1 / kMaskingRange, kMaskingRange);
}

}  // namespace vaec::codec
