// Colours that were multiplied by alpha.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace vaec::image {

// Of a row of pixels, each of `channels` colours and then alpha. Where alpha is 0 the colours are gone.
template <typename Sample>
void undo_premultiplication(Sample* row, std::size_t pixels, std::size_t channels) {
  constexpr std::uint64_t kLargest = std::numeric_limits<Sample>::max();
  for (std::size_t i = 0; i < pixels; ++i, row += channels + 1) {
    const std::uint64_t alpha = row[channels];
    if (alpha == 0 || alpha == kLargest) continue;
    for (std::size_t c = 0; c < channels; ++c)
      row[c] = static_cast<Sample>(std::min(kLargest, (row[c] * kLargest + alpha / 2) / alpha));
  }
}

}  // namespace vaec::image
