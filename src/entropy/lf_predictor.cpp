#include "entropy/lf_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "entropy/predicted_table.hpp"

namespace vaec::entropy {
namespace {

constexpr std::int32_t kLfErrorMaximum = 8191;  // in 1/16: what is further off counts no more
constexpr std::int32_t kErrorBias = 32;         // no prediction is trusted beyond all others
constexpr std::uint32_t kLfWeightScale = 1 << 20;
// 40 for a squared rounding step, twice what errors of the other channels are worth: an error here is a wrong colour of
// a whole block.
constexpr double kLfErrorBits = 40.0 / (kLfUnit * kLfUnit);

std::int32_t bounded_error(std::int32_t prediction, std::int32_t value) {
  return std::min(std::abs(prediction - kPredictionUnit * value), kLfErrorMaximum);
}

// NaN, which a forged model can produce, becomes -kLfMaximum: the order of max's arguments matters.
float in_units(float y) {
  constexpr auto kLargest = static_cast<float>(kLfMaximum);
  return std::min(std::max(-kLargest, y * kLfUnit), kLargest);
}

}  // namespace

std::int32_t quantize_lf(float y, const PredictedInteger &predicted) {
  const float value = in_units(y);
  return predicted.step *
         static_cast<std::int32_t>(std::nearbyint(value / static_cast<float>(predicted.step)));
}

std::int32_t choose_lf(float y, const PredictedInteger &predicted, const FrequencyTable &table) {
  const float value = in_units(y);
  if (std::abs(value) > kLfMaximum - kLfUnit) return quantize_lf(y, predicted);
  return choose_predicted(value, predicted, table, kLfErrorBits);
}

LfPredictor::LfPredictor(int columns, int channels)
    : channels_(static_cast<std::size_t>(channels)),
      stride_(static_cast<std::size_t>(columns) + 2 * kMargin),
      columns_(columns),
      cells_(3 * channels_ * stride_) {}

// What lies left of the picture is as what is above it; in the first row all is as what is to the left.
void LfPredictor::begin_row() {
  auto *here = row(0), *above = row(1);
  above[-1] = above[0];
  here[-1] = here[-2] = above[0];
}

void LfPredictor::end_row() {
  auto *here = row(0);
  here[columns_] = here[columns_ + 1] = here[columns_ - 1];
}

PredictedInteger LfPredictor::next(std::int32_t step) {
  if (column_ == 0) begin_row();
  const auto *here = row(0) + column_, *above = row_ > 0 ? row(1) + column_ : nullptr,
             *twice_above = row_ > 1 ? row(2) + column_ : nullptr;
  const Cell &west = here[-1], &far_west = here[-2];
  const Cell &north = above ? above[0] : west, &north_west = above ? above[-1] : west,
             &north_east = above ? above[1] : west;
  const std::int32_t w = kPredictionUnit * west.value, n = kPredictionUnit * north.value,
                     nw = kPredictionUnit * north_west.value, ne = kPredictionUnit * north_east.value;
  // On a slope most of what is off is the rounding of the values, and what extrapolates adds it up.
  const std::int32_t lw = west.likely, lww = far_west.likely, ln = north.likely, lnw = north_west.likely,
                     lne = north_east.likely, lnn = twice_above ? twice_above[0].likely : ln,
                     lnne = twice_above ? twice_above[1].likely : lne;
  predictions_ = {w,
                  n,
                  lw + ln - lnw,
                  (w + ne) / 2,
                  w + ne - n,
                  2 * ln - lnn,
                  2 * lw - lww,
                  (w + n + nw + ne) / 4,
                  ln + lne - lnne,
                  (2 * (lw + ln) + lne - lnw) >> 2};
  step_ = step;

  std::int64_t weights = 0, sum = 0;
  for (std::size_t i = 0; i < kPredictions; ++i) {
    const auto errors =
        static_cast<std::uint32_t>(2 * (west.errors[i] + north.errors[i]) + north_west.errors[i] +
                                   north_east.errors[i] + far_west.errors[i] + kErrorBias);
    const std::int64_t near = kLfWeightScale / errors, weight = near * near;
    weights += weight;
    sum += weight * predictions_[i];
  }
  prediction_ = static_cast<std::int32_t>(floor_divide(sum + weights / 2, weights));

  const auto [low, high] = std::minmax({w, n, nw, ne});
  const auto expected = 2 * (west.error + north.error) + north_west.error + north_east.error +
                        far_west.error + errors_before_ + std::min(high - low, kLfErrorMaximum);
  return {prediction_, static_cast<std::uint32_t>(2 * expected), step};
}

void LfPredictor::put(std::int32_t value) {
  auto &cell = row(0)[column_];
  cell.value = value;
  const std::int32_t half_step = kPredictionUnit / 2 * step_;
  cell.likely = kPredictionUnit * value +
                std::clamp((prediction_ - kPredictionUnit * value) / 2, -half_step, half_step);
  cell.error = bounded_error(prediction_, value);
  for (std::size_t i = 0; i < kPredictions; ++i) cell.errors[i] = bounded_error(predictions_[i], value);
  // The first channel, luma, tells most of the others.
  errors_before_ += channel_ == 0 ? 2 * cell.error : cell.error;
  if (column_ + 1 == columns_) end_row();
  if (++channel_ < channels_) return;
  channel_ = 0;
  errors_before_ = 0;
  if (++column_ < columns_) return;
  column_ = 0;
  ++row_;
}

}  // namespace vaec::entropy
