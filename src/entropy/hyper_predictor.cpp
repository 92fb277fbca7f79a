#include "entropy/hyper_predictor.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace vaec::entropy {
namespace {

constexpr std::int32_t kErrorMaximum = 4095;                        // in 1/16
constexpr std::int32_t kErrorScale = kErrorUnit / kPredictionUnit;  // from 1/16 to 1/256
constexpr std::int32_t kBias = 77;  // 0.3: what is met with no evidence at all
constexpr int kDecay = 4;           // channels before count (15/16)^distance

}  // namespace

HyperPredictor::HyperPredictor(const HyperParameters& parameters, int columns)
    : parameters_(parameters),
      channels_(parameters.means.size()),
      stride_(static_cast<std::size_t>(columns) + 2),
      columns_(columns),
      cells_(2 * stride_ * channels_) {}

PredictedInteger HyperPredictor::next() {
  const std::array<const Cell*, kHyperNeighbours> near = {
      &cells_[place(0, column_ - 1)], &cells_[place(1, column_)], &cells_[place(1, column_ - 1)],
      &cells_[place(1, column_ + 1)]};
  std::int32_t shift = 1 << (kHyperWeightShift - 1);
  for (std::size_t n = 0; n < near.size(); ++n) {
    shift += parameters_.weights[n * channels_ + channel_] * near[n]->residual;
  }
  prediction_ = parameters_.means[channel_] + (shift >> kHyperWeightShift);
  const std::int64_t met =
      kErrorScale * (2 * (near[0]->error + near[1]->error) + near[2]->error + near[3]->error) + met_before_ +
      kBias;
  const std::int64_t due = 2 * (near[0]->expected + near[1]->expected) + near[2]->expected +
                           near[3]->expected + expected_before_ + kBias;
  return {prediction_, static_cast<std::uint32_t>(parameters_.expected[channel_] * met / due)};
}

void HyperPredictor::put(std::int32_t value) {
  auto& cell = cells_[place(0, column_)];
  const std::int32_t scaled = kPredictionUnit * value;
  cell.residual = static_cast<std::int16_t>(scaled - parameters_.means[channel_]);
  cell.error = static_cast<std::int16_t>(std::min(std::abs(scaled - prediction_), kErrorMaximum));
  cell.expected = static_cast<std::int16_t>(parameters_.expected[channel_]);
  met_before_ += kErrorScale * cell.error - (met_before_ >> kDecay);
  expected_before_ += cell.expected - (expected_before_ >> kDecay);
  if (++channel_ < channels_) return;
  channel_ = 0;
  met_before_ = expected_before_ = 0;
  if (++column_ < columns_) return;
  column_ = 0;
  ++row_;
}

void HyperPredictor::neighbours(std::span<std::int32_t, kHyperNeighbours> residuals) const {
  residuals[0] = cells_[place(0, column_ - 1)].residual;
  residuals[1] = cells_[place(1, column_)].residual;
  residuals[2] = cells_[place(1, column_ - 1)].residual;
  residuals[3] = cells_[place(1, column_ + 1)].residual;
}

}  // namespace vaec::entropy
