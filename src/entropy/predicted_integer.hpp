// Integers that were predicted: which table codes one, by how far off such predictions are around it, and by
// where between two integers the prediction lies (docs/format.md, section 8.1). All in integers.
#pragma once

#include <bit>
#include <cstdint>

namespace vaec::entropy {

inline constexpr std::int32_t kPredictionUnit = 16;  // predictions come in 1/16
inline constexpr std::uint32_t kErrorUnit = 256;     // expected errors in 1/256
inline constexpr int kErrorClasses = 26;             // half octaves, from 1/32 to 128
inline constexpr int kPhases = 3;
inline constexpr int kPredictedTables = kErrorClasses * kPhases;

[[nodiscard]] constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Class 0 is below 8/256; each half octave above is one more.
[[nodiscard]] constexpr int error_class(std::uint32_t expected_error) {
  if (expected_error < 8) return 0;
  const int octave = std::bit_width(expected_error) - 1;
  const bool is_upper_half = std::uint64_t{expected_error} * 256 >= std::uint64_t{362} << octave;
  const int found = 1 + 2 * (octave - 3) + (is_upper_half ? 1 : 0);
  return found < kErrorClasses ? found : kErrorClasses - 1;
}

// Where a phase's predictions lie on average, of 0, 1, 2; 3, 4, 5; 6, 7, 8 sixteenths.
[[nodiscard]] constexpr double centre_of(int phase) { return (3.0 * phase + 1) / kPredictionUnit; }

// How an integer is coded: as a symbol, its distance from the nearest integer to the prediction, counted
// towards the side on which the prediction lies.
struct PredictedInteger {
  int table = 0;             // 0..kPredictedTables - 1: by error class, then phase
  std::int32_t nearest = 0;  // the multiple of `step` that the symbol 0 stands for, over `step`
  std::int32_t step = 1;     // values are multiples of it
  bool is_mirrored = false;

  // `prediction` in 1/16, |prediction| < 2^30; `expected_error`: the mean error of such predictions, in 1/256.
  // step: 1 or a multiple of 2.
  PredictedInteger(std::int32_t prediction, std::uint32_t expected_error, std::int32_t step_of_values = 1)
      : step(step_of_values) {
    if (step > 1) {
      prediction = static_cast<std::int32_t>(floor_divide(prediction + step / 2, step));
      expected_error /= static_cast<std::uint32_t>(step);
    }
    nearest = (prediction + kPredictionUnit / 2) >> 4;
    const std::int32_t off = prediction - nearest * kPredictionUnit;  // -8..7
    is_mirrored = off < 0;
    table = error_class(expected_error) * kPhases + (is_mirrored ? -off : off) / kPhases;
  }
  [[nodiscard]] std::int32_t symbol_of(std::int32_t value) const {
    return is_mirrored ? nearest - value / step : value / step - nearest;
  }
  // How far the prediction was off, to a sixteenth and a half.
  [[nodiscard]] double deviation_of(std::int32_t value) const {
    return symbol_of(value) - centre_of(table % kPhases);
  }
  [[nodiscard]] std::int32_t value_of(std::int32_t symbol) const {
    return step * (is_mirrored ? nearest - symbol : nearest + symbol);
  }
};

}  // namespace vaec::entropy
