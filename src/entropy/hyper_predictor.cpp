#include "entropy/hyper_predictor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "entropy/predicted_table.hpp"

namespace vaec::entropy {
namespace {

constexpr std::int32_t kHyperErrorMaximum = 4095;                   // in 1/16
constexpr std::int32_t kErrorScale = kErrorUnit / kPredictionUnit;  // from 1/16 to 1/256
constexpr std::int32_t kBias = 77;                   // 0.3: what is met with no evidence at all
constexpr int kDecay = 4;                            // channels before count (15/16)^distance
constexpr std::int64_t kHyperWeightScale = 1 << 24;  // above what errors can add up to
constexpr std::int64_t kLinearShare = 16;            // the linear prediction counts so many times as much
constexpr double kHyperErrorBits = 20;               // that a squared error of 1 is worth

// NaN, which a forged model can produce, becomes -kHyperMaximum: the order of max's arguments matters.
float within_bounds(float value) {
  constexpr auto kLargest = static_cast<float>(kHyperMaximum);
  return std::min(std::max(-kLargest, value), kLargest);
}

}  // namespace

std::int32_t quantize_hyper(float value) {
  return static_cast<std::int32_t>(std::nearbyint(within_bounds(value)));
}

std::int32_t choose_hyper(float value, const PredictedInteger& predicted, const FrequencyTable& table) {
  const float bounded = within_bounds(value);
  if (std::abs(bounded) > kHyperMaximum - 1) return quantize_hyper(value);
  return choose_predicted(bounded, predicted, table, kHyperErrorBits);
}

HyperPredictor::HyperPredictor(const HyperParameters& parameters, int columns)
    : parameters_(parameters),
      channels_(parameters.means.size()),
      stride_(static_cast<std::size_t>(columns) + 2),
      columns_(columns),
      cells_(2 * stride_ * channels_) {}

PredictedInteger HyperPredictor::next() {
  const auto near = neighbours();
  std::array<std::int32_t, kHyperNeighbours> residuals{};
  neighbours(residuals);
  std::int32_t shift = 1 << (kHyperWeightShift - 1);
  for (std::size_t n = 0; n < residuals.size(); ++n) {
    shift += parameters_.weights[n * channels_ + channel_] * residuals[n];
  }
  const auto [low, high] = std::minmax(residuals[0], residuals[1]);
  const auto mean = parameters_.means[channel_];
  predictions_[kLinear] = mean + (shift >> kHyperWeightShift);
  predictions_[kMedian] = mean + std::clamp(residuals[0] + residuals[1] - residuals[2], low, high);

  // How far off a prediction was around, in 1/256.
  const auto met = [&](Prediction p) -> std::int64_t {
    return kErrorScale * (2 * (near.left.errors[p] + near.above.errors[p]) + near.above_left.errors[p] +
                          near.above_right.errors[p]) +
           met_before_[p] + kBias;
  };
  const std::int64_t linear = kHyperWeightScale / met(kLinear), median = kHyperWeightScale / met(kMedian),
                     linear_weight = kLinearShare * linear * linear, median_weight = median * median,
                     weights = linear_weight + median_weight;
  predictions_[kMixture] = static_cast<std::int32_t>(floor_divide(
      linear_weight * predictions_[kLinear] + median_weight * predictions_[kMedian] + weights / 2, weights));

  const std::int64_t due = 2 * (near.left.expected + near.above.expected) + near.above_left.expected +
                           near.above_right.expected + expected_before_ + kBias;
  return {predictions_[kMixture],
          static_cast<std::uint32_t>(parameters_.expected[channel_] * met(kMixture) / due)};
}

void HyperPredictor::put(std::int32_t value) {
  auto& cell = cells_[place(0, column_)];
  const std::int32_t scaled = kPredictionUnit * value;
  cell.residual = static_cast<std::int16_t>(scaled - parameters_.means[channel_]);
  cell.expected = static_cast<std::int16_t>(parameters_.expected[channel_]);
  for (std::size_t p = 0; p < kPredictions; ++p) {
    cell.errors[p] =
        static_cast<std::int16_t>(std::min(std::abs(scaled - predictions_[p]), kHyperErrorMaximum));
    met_before_[p] += kErrorScale * cell.errors[p] - (met_before_[p] >> kDecay);
  }
  expected_before_ += cell.expected - (expected_before_ >> kDecay);
  if (++channel_ < channels_) return;
  channel_ = 0;
  met_before_ = {};
  expected_before_ = 0;
  if (++column_ < columns_) return;
  column_ = 0;
  ++row_;
}

void HyperPredictor::neighbours(std::span<std::int32_t, kHyperNeighbours> residuals) const {
  const auto near = neighbours();
  residuals[0] = near.left.residual;
  residuals[1] = near.above.residual;
  residuals[2] = near.above_left.residual;
  residuals[3] = near.above_right.residual;
}

}  // namespace vaec::entropy
