// Predicts a sample from those above and to the left: four simple predictions, mixed by how far off each was around
// it (after the weighted predictor of JPEG XL, ISO/IEC 18181-1 H.5). Integers only; docs/format.md section 8.7.3 has
// the same in pseudo code.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

namespace vaec::entropy {

inline constexpr int kSampleUnit = 8;  // predictions come in 1/8

inline constexpr int kPredictions = 4;
using Misses = std::uint32_t __attribute__((vector_size(4 * kPredictions)));

// What is kept of a sample that was coded.
struct Cell {
  std::int32_t value = 0;
  std::int32_t error = 0;      // of the mixture, prediction - value, 1/8
  std::int32_t magnitude = 0;  // of the error of the corrected prediction, 1/8
  std::uint32_t hash = 0;      // of the whole pixel, in its first channel's cell; where pixels repeat
  Misses misses{};             // of the simple predictions, 1/8
};

// The cells around one of a channel; `step` cells lie from one pixel's to the next one's.
struct Around {
  const Cell* left;    // W; the one before it is WW
  const Cell* above;   // N; beside it are NW and NE
  const Cell* higher;  // NN
  std::ptrdiff_t step;

  [[nodiscard]] const Cell& w() const { return *left; }
  [[nodiscard]] const Cell& ww() const { return *(left - step); }
  [[nodiscard]] const Cell& n() const { return *above; }
  [[nodiscard]] const Cell& nw() const { return *(above - step); }
  [[nodiscard]] const Cell& ne() const { return *(above + step); }
  [[nodiscard]] const Cell& nn() const { return *higher; }
};

struct Prediction {
  std::array<std::int32_t, kPredictions> simple;
  std::int32_t mixed;
  std::uint32_t spread;  // of the simple ones: the sum of their distances from the second
};

namespace prediction {

inline constexpr int kWeightCount = 128, kReciprocalBits = 22;
inline constexpr auto kWeights = [] {
  std::array<std::uint32_t, kWeightCount> weights{};
  for (std::uint32_t i = 0; i < kWeightCount; ++i) weights[i] = (1U << 20) / ((i + 1) * (i + 1));
  return weights;
}();
inline constexpr auto kReciprocals = [] {
  std::array<std::uint32_t, kWeightCount> reciprocals{};
  for (std::uint32_t i = 1; i < kWeightCount; ++i) reciprocals[i] = (1U << kReciprocalBits) / i;
  return reciprocals;
}();

}  // namespace prediction

[[gnu::always_inline]] inline Prediction predict(const Around& a) {
  using namespace prediction;
  const std::int32_t w = a.w().value * kSampleUnit, n = a.n().value * kSampleUnit,
                     nw = a.nw().value * kSampleUnit, ne = a.ne().value * kSampleUnit;
  const std::int32_t error_w = a.w().error, error_n = a.n().error, error_nw = a.nw().error,
                     error_ne = a.ne().error;
  Prediction p;
  p.simple[0] = w + ne - n;
  p.simple[1] = n - (((error_w + error_n + error_ne) * 13) >> 5);
  p.simple[2] = w - (((error_w + error_n + error_nw) * 13) >> 5);
  p.simple[3] = w + n - nw;

  const Misses missed = 2 * a.w().misses + a.ww().misses + a.n().misses + a.nw().misses + a.ne().misses;
  const std::uint32_t least = std::min(std::min(missed[0], missed[1]), std::min(missed[2], missed[3]));
  const int shift = std::max(0, static_cast<int>(std::bit_width(least)) - 5);
  std::uint32_t sum = 0;
  std::array<std::uint32_t, kPredictions> weight;
  for (std::size_t i = 0; i < kPredictions; ++i) {
    weight[i] = kWeights[std::min<std::uint32_t>(missed[i] >> shift, kWeightCount - 1)];
    sum += weight[i];
  }
  const std::int32_t d0 = p.simple[0] - p.simple[1], d2 = p.simple[2] - p.simple[1],
                     d3 = p.simple[3] - p.simple[1];
  const std::int64_t off =
      std::int64_t{weight[0]} * d0 + std::int64_t{weight[2]} * d2 + std::int64_t{weight[3]} * d3;
  const int sum_shift = static_cast<int>(std::bit_width(sum)) - 7;
  p.mixed = p.simple[1] + static_cast<std::int32_t>((off * kReciprocals[sum >> sum_shift]) >>
                                                    (kReciprocalBits + sum_shift));
  if (((error_n ^ error_w) | (error_n ^ error_nw)) <= 0)
    p.mixed = std::clamp(p.mixed, std::min(w, std::min(n, ne)), std::max(w, std::max(n, ne)));
  p.spread = static_cast<std::uint32_t>(std::abs(d0) + std::abs(d2) + std::abs(d3));
  return p;
}

[[gnu::always_inline]] inline void learn(Cell& cell, const Prediction& p, std::int32_t value,
                                         std::int32_t corrected) {
  const std::int32_t eighths = value * kSampleUnit;
  cell.value = value;
  cell.error = p.mixed - eighths;
  cell.magnitude = std::abs(corrected - eighths);
  using Signed = std::int32_t __attribute__((vector_size(4 * kPredictions)));
  const Signed off = Signed{p.simple[0], p.simple[1], p.simple[2], p.simple[3]} - eighths;
  const Signed sign = off >> 31;
  cell.misses = (Misses)((off ^ sign) - sign);
}

}  // namespace vaec::entropy
