// Dependent quantization of the latents of a position: symbols of small scales are whole rounding steps; the
// others belong to two quantizers in turn, Q0 and Q1, each of steps of 9/8, whose values together lie 9/16
// apart. Which of them comes next follows from the parities of the symbols before, by a trellis of eight
// states: trellis-coded quantization (Marcellin and Fischer 1990) as in JPEG 2000 part 2 and, in entropy
// coding, VVC (Schwarz 2021, "Quantization and Entropy Coding in the Versatile Video Coding (VVC) Standard").
// So the values of a position's channels, taken together, lie as densely as those of finer steps, and cost the bits
// of coarser ones.
#pragma once

#include <cstdint>

#include "entropy/gaussian.hpp"

namespace vaec::entropy {

inline constexpr int kDependentScale = 12;  // scale indices from this one on are quantized dependently
inline constexpr int kValueUnit = 16;       // values are counted in 1/16 of a rounding step
inline constexpr int kHalfStep = 9;         // of Q0 and Q1: half their steps, how far apart their values lie

enum class Quantizer : std::uint8_t {
  kWhole,  // v = symbol
  kQ0,     // v = 2 * symbol * 9/16
  kQ1,     // v = (2 * symbol - sign(symbol)) * 9/16
};

// Tables come in rows: 0..63 by scale index, of whole steps or Q0, then 64..115 those of Q1.
inline constexpr int kTableRows = 2 * kScaleCount - kDependentScale;
[[nodiscard]] constexpr int table_row(int scale, Quantizer quantizer) {
  return quantizer == Quantizer::kQ1 ? scale + kScaleCount - kDependentScale : scale;
}
[[nodiscard]] constexpr int scale_of_row(int row) {
  return row < kScaleCount ? row : row - kScaleCount + kDependentScale;
}
[[nodiscard]] constexpr Quantizer quantizer_of_row(int row) {
  if (row >= kScaleCount) return Quantizer::kQ1;
  return row >= kDependentScale ? Quantizer::kQ0 : Quantizer::kWhole;
}

// How large a symbol's value is in half steps of its quantizer: what activities count.
[[nodiscard]] constexpr std::int32_t half_steps(std::int32_t symbol, Quantizer quantizer) {
  const auto magnitude = 2 * (symbol < 0 ? -symbol : symbol);
  return quantizer == Quantizer::kQ1 && symbol != 0 ? magnitude - 1 : magnitude;
}

// What a symbol stands for, in 1 / kValueUnit.
[[nodiscard]] constexpr std::int32_t value_of(std::int32_t symbol, Quantizer quantizer) {
  if (quantizer == Quantizer::kWhole) return kValueUnit * symbol;
  const auto magnitude = kHalfStep * half_steps(symbol, quantizer);
  return symbol < 0 ? -magnitude : magnitude;
}

// Where the values that are nearest to a magnitude's begin, in rounding steps; 0 for magnitude 0.
[[nodiscard]] constexpr double lower_edge(std::int32_t magnitude, Quantizer quantizer) {
  if (magnitude == 0) return 0;
  return (value_of(magnitude - 1, quantizer) + value_of(magnitude, quantizer)) / (2.0 * kValueUnit);
}

// The states of the trellis; a position begins with state 0. Odd ones take Q1.
inline constexpr int kTrellisStates = 8;
inline constexpr std::uint8_t kNextState[kTrellisStates][2] = {{0, 1}, {3, 2}, {5, 4}, {6, 7},
                                                               {1, 0}, {2, 3}, {4, 5}, {7, 6}};

// Which quantizer each latent of a position has.
class QuantizerChain {
 public:
  [[nodiscard]] Quantizer next(int scale) const {
    if (scale < kDependentScale) return Quantizer::kWhole;
    return (state_ & 1) == 0 ? Quantizer::kQ0 : Quantizer::kQ1;
  }
  // After each symbol.
  void put(std::int32_t symbol, Quantizer quantizer) {
    if (quantizer != Quantizer::kWhole) state_ = kNextState[state_][symbol & 1];
  }

 private:
  int state_ = 0;
};

}  // namespace vaec::entropy
