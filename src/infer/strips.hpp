// How many rows the transforms take at a time.
#pragma once

#include <algorithm>

#include "base/interrupt.hpp"

namespace vaec::infer {

// Positions at 1/16 of a picture's resolution: enough to keep a processor busy, few enough that a strip's
// activations stay near its caches. Measured on 12 MP pictures; see docs/performance.md.
inline constexpr int kStripPositions = 512;

// Calls use(first, count) for strips of `rows` rows in order. Throws Error kInterrupted between them.
template <typename Use>
void for_each_strip(int rows, int columns, const Use& use) {
  const int height = std::max(1, kStripPositions / std::max(1, columns));
  for (int first = 0; first < rows; first += height) {
    base::throw_if_interrupted();
    use(first, std::min(height, rows - first));
  }
}

}  // namespace vaec::infer
