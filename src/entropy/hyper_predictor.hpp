// The predictor of the hyper-latent z, coded in raster order. Two predictions are mixed, by how far off each was
// at the four neighbours and in the channels before: a linear one from the neighbours' residuals, which serves
// most pictures best, and the median of what a plane and the nearest two say (JPEG-LS's), which is exact where
// nothing changes. How far off the mixture is likely to be is told by how far off it was there, set against what
// was expected (docs/format.md, section 8.3). In integers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/predicted_integer.hpp"

namespace vaec::entropy {

inline constexpr int kHyperNeighbours = 4;  // left, above, above to the left and to the right
inline constexpr int kHyperWeightShift = 7;
inline constexpr std::int32_t kHyperMaximum = 127;  // of a value's magnitude
inline constexpr std::int32_t kHyperExpectedMaximum = 32767;

// What a model says of it at one level of the quality, by channel.
struct HyperParameters {
  std::span<const std::int32_t> means;     // in 1/16, -2032..2032
  std::span<const std::int32_t> expected;  // error, in 1/256, 1..32767
  std::span<const std::int8_t> weights;    // [neighbour][channel], in 1/128
};

// z of h_a's output: the nearest integer within kHyperMaximum.
[[nodiscard]] std::int32_t quantize_hyper(float value);
// One of the two around it, the better one by rate and distortion where `table` codes it.
[[nodiscard]] std::int32_t choose_hyper(float value, const PredictedInteger& predicted,
                                        const FrequencyTable& table);

// Of one picture. For each position in raster order, and each channel in order: next(), then put(). Its
// memory depends on the width alone. Not thread-safe.
class HyperPredictor {
 public:
  // The spans of `parameters` must outlive it.
  HyperPredictor(const HyperParameters& parameters, int columns);

  [[nodiscard]] PredictedInteger next();
  // The value of the position and channel that next() was asked for; |value| <= kHyperMaximum.
  void put(std::int32_t value);

  // The residuals of the neighbours of the position and channel that next() was asked for, 16 * value - mean,
  // 0 outside the picture. For fitting the weights.
  void neighbours(std::span<std::int32_t, kHyperNeighbours> residuals) const;

 private:
  enum Prediction { kLinear, kMedian, kMixture, kPredictions };

  // What is remembered of a value: its residual and the errors of its predictions, in 1/16, and the error that
  // was expected of the mixture, in 1/256.
  struct Cell {
    std::int16_t residual = 0, expected = 0;
    std::array<std::int16_t, kPredictions> errors{};
  };
  struct Neighbours {
    const Cell &left, &above, &above_left, &above_right;
  };

  [[nodiscard]] Neighbours neighbours() const {
    return {cells_[place(0, column_ - 1)], cells_[place(1, column_)], cells_[place(1, column_ - 1)],
            cells_[place(1, column_ + 1)]};
  }

  // In cells_: 0 rows above the one in work, or 1.
  [[nodiscard]] std::size_t place(int above, int column) const {
    const auto row = static_cast<std::size_t>((row_ + above) % 2);
    return (row * stride_ + static_cast<std::size_t>(column + 1)) * channels_ + channel_;
  }

  HyperParameters parameters_;
  std::size_t channels_, stride_;
  int columns_;
  std::vector<Cell> cells_;  // [2 rows][1 + columns + 1][channels]
  int row_ = 0, column_ = 0;
  std::size_t channel_ = 0;
  std::array<std::int32_t, kPredictions> predictions_{};
  // In the channels before at this position.
  std::array<std::int32_t, kPredictions> met_before_{};
  std::int32_t expected_before_ = 0;
};

}  // namespace vaec::entropy
