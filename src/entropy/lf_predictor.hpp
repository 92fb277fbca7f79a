// The predictor of the LF image: the lowest-frequency channels of the latent, an image of 1/16 of the
// resolution that is coded first, alone, in raster order, as a lossless image codec codes one. Ten simple
// predictions are mixed, each by how well it did at the positions around (JPEG XL's self-correcting
// predictor, Alakuijala 2019; TMW, Meyer 1997; Vanilc, Weinlich 2016). docs/format.md, section 8.2.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/lf_precision.hpp"
#include "entropy/predicted_integer.hpp"

namespace vaec::entropy {

inline constexpr std::int32_t kLfMaximum = 1 << 21;  // of a value's magnitude, in 1 / kLfUnit

// The value of y, in rounding steps: the nearest that its prediction leaves.
[[nodiscard]] std::int32_t quantize_lf(float y, const PredictedInteger& predicted);
// One of the two around it, the better one by rate and distortion where `table` codes it.
[[nodiscard]] std::int32_t choose_lf(float y, const PredictedInteger& predicted, const FrequencyTable& table);

// Of one picture. For each position in raster order, and each channel in order: next(), then put(). Its
// memory depends on the width alone. Not thread-safe.
class LfPredictor {
 public:
  LfPredictor(int columns, int channels);

  // step: what the value is a multiple of (LfPrecision).
  [[nodiscard]] PredictedInteger next(std::int32_t step);
  // The value of the position and channel that next() was asked for; |value| <= kLfMaximum.
  void put(std::int32_t value);

 private:
  static constexpr int kPredictions = 10;
  static constexpr int kMargin = 2;  // columns beyond the picture on either side

  // What is remembered of a position in one channel: its value; where what was rounded to it is likely
  // to have been, halfway to its prediction, but within half a step; the errors of the mixture and of the
  // single predictions. All but the value in 1/16.
  struct Cell {
    std::int32_t value = 0;
    std::int32_t likely = 0;
    std::int32_t error = 0;
    std::array<std::int32_t, kPredictions> errors{};
  };

  // A row of a channel: 0 the one in work, 1 and 2 those above.
  [[nodiscard]] Cell* row(int above) {
    return cells_.data() +
           (static_cast<std::size_t>((row_ + 3 - above) % 3) * channels_ + channel_) * stride_ + kMargin;
  }
  void begin_row();
  void end_row();

  std::size_t channels_, stride_;
  int columns_;
  std::vector<Cell> cells_;  // [3][channels][stride]
  int row_ = 0, column_ = 0;
  std::size_t channel_ = 0;
  std::array<std::int32_t, kPredictions> predictions_{};
  std::int32_t prediction_ = 0;
  std::int32_t step_ = 1;
  std::int32_t errors_before_ = 0;  // of the mixture, in the channels before at this position
};

}  // namespace vaec::entropy
