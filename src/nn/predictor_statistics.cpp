#include "nn/predictor_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>

#include "entropy/lf_predictor.hpp"
#include "nn/tensor_io.hpp"

namespace vaec::nn {
namespace {

using entropy::kErrorUnit, entropy::kHyperNeighbours, entropy::kPredictionUnit;

// Pulls weights to zero: so many values at which a neighbour is off by one and says nothing.
constexpr double kPredictorRidge = 20;
// Values that an error of a half counts for where little was met.
constexpr double kPooledErrors = 2;
// Flat areas and gradients are rare in photographs that one trains on, and frequent in what people compress: with so many LF
// images two more are counted, a flat one and a slope.
constexpr std::size_t kImagesWithMadeOnes = 32;
constexpr int kMadeSide = 32;

// [C, H, W] -> [H, W, C].
torch::Tensor laid_out(const torch::Tensor& chw, double largest) {
  return chw.nan_to_num(0).clamp(-largest, largest).permute({1, 2, 0}).to(torch::kCPU).contiguous();
}

// [rows][columns][channels] of the `i`-th slope. Those of all channels and slopes lie evenly, as multiples of the golden ratio
// do, between all directions, and, as logarithms, between 1/16 and 2 rounding steps a position.
std::vector<float> slope(std::size_t i, std::size_t channels) {
  std::vector<double> across, down;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto fraction = [&](double ratio) {
      return std::fmod(static_cast<double>(i * channels + c + 1) * ratio, 1.0);
    };
    const double size = std::exp2(-4 + 5 * fraction(1 / std::numbers::phi)),
                 angle = 2 * std::numbers::pi * fraction(std::numbers::sqrt2);
    across.push_back(size * std::cos(angle));
    down.push_back(size * std::sin(angle));
  }
  std::vector<float> values;
  for (int y = 0; y < kMadeSide; ++y) {
    for (int x = 0; x < kMadeSide; ++x) {
      for (std::size_t c = 0; c < channels; ++c)
        values.push_back(static_cast<float>(x * across[c] + y * down[c]));
    }
  }
  return values;
}

}  // namespace

PredictorStatistics::PredictorStatistics(const model::PhotoConfig& config)
    : config_(config), lf_counts_(config.lf.size()) {}

void PredictorStatistics::add(const torch::Tensor& lf, const torch::Tensor& z, int quality) {
  const torch::NoGradGuard no_grad;
  for (std::int64_t i = 0; i < lf.size(0); ++i) {
    samples_.push_back(
        {model::nearest_level(quality, config_.levels), static_cast<int>(lf.size(3)),
         static_cast<int>(z.size(3)),
         dense_values<float>(laid_out(lf[i], entropy::kLfMaximum / entropy::kLfUnit)),
         dense_values<std::int32_t>(laid_out(z[i], entropy::kHyperMaximum).to(torch::kInt32))});
  }
}

void PredictorStatistics::add(PredictorStatistics&& other) {
  std::move(other.samples_.begin(), other.samples_.end(), std::back_inserter(samples_));
  other.samples_.clear();
}

template <typename Use>
void PredictorStatistics::code_hyper(const Sample& sample, const Use& use) const {
  entropy::HyperPredictor predictor(hyper_.at(sample.level, config_.levels), sample.hyper_columns);
  const auto channels = static_cast<std::size_t>(config_.hyper);
  for (std::size_t i = 0; i < sample.z.size(); ++i) {
    const auto predicted = predictor.next();
    use(predictor, i % channels, predicted, sample.z[i]);
    predictor.put(sample.z[i]);
  }
}

void PredictorStatistics::fit() {
  const auto values = static_cast<std::size_t>(config_.levels) * static_cast<std::size_t>(config_.hyper);
  hyper_.means.assign(values, 0);
  hyper_.expected.assign(values, kErrorUnit);
  hyper_.weights.assign(values * kHyperNeighbours, 0);
  fit_means();
  fit_weights();
  fit_expected();
  for (const auto& sample : samples_) {
    code_hyper(sample,
               [&](const entropy::HyperPredictor&, std::size_t, const entropy::PredictedInteger& predicted,
                   std::int32_t value) { hyper_counts_.add(predicted.table, predicted.symbol_of(value)); });
    count_lf(sample);
  }
  const auto channels = config_.lf.size();
  for (std::size_t i = 0; i < samples_.size() / kImagesWithMadeOnes; ++i) {
    count_lf({0, kMadeSide, 0, std::vector<float>(kMadeSide * kMadeSide * channels), {}});
    count_lf({0, kMadeSide, 0, slope(2 * i, channels), {}});
    count_lf({0, kMadeSide, 0, slope(2 * i + 1, channels), {}});
  }
}

// As an encoder codes it.
void PredictorStatistics::count_lf(const Sample& sample) {
  const auto channels = lf_counts_.size(), row_values = static_cast<std::size_t>(sample.columns) * channels;
  entropy::LfPredictor predictor(sample.columns, static_cast<int>(channels));
  std::vector<char> smooth;
  for (std::size_t i = 0; i < sample.lf.size(); ++i) {
    const auto row = i / row_values, column = i % row_values / channels;
    if (row % entropy::kLfTile == 0 && i % row_values == 0) {
      const auto rows = std::min<std::size_t>(entropy::kLfTile, sample.lf.size() / row_values - row);
      smooth = entropy::smooth_tiles(&sample.lf[i], row > 0 ? &sample.lf[i - row_values] : nullptr,
                                     static_cast<int>(rows), sample.columns, static_cast<int>(channels));
    }
    const auto predicted = predictor.next(smooth[column / entropy::kLfTile] != 0 ? 1 : entropy::kLfUnit);
    const auto value = entropy::quantize_lf(sample.lf[i], predicted);
    lf_counts_[i % channels].add(predicted.table, predicted.symbol_of(value));
    predictor.put(value);
  }
}

void PredictorStatistics::fit_means() {
  std::vector<double> sum(hyper_.means.size()), count(hyper_.means.size());
  const auto channels = static_cast<std::size_t>(config_.hyper);
  for (const auto& sample : samples_) {
    for (std::size_t i = 0; i < sample.z.size(); ++i) {
      const auto at = static_cast<std::size_t>(sample.level) * channels + i % channels;
      sum[at] += sample.z[i];
      ++count[at];
    }
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    hyper_.means[i] =
        static_cast<std::int32_t>(std::lround(kPredictionUnit * sum[i] / std::max(1.0, count[i])));
  }
}

void PredictorStatistics::fit_weights() {
  constexpr std::int64_t kN = kHyperNeighbours;
  const auto systems = static_cast<std::int64_t>(hyper_.means.size());
  const auto products = torch::zeros({systems, kN, kN}, torch::kFloat64),
             right = torch::zeros({systems, kN, 1}, torch::kFloat64);
  auto* product = products.data_ptr<double>();
  auto* by_target = right.data_ptr<double>();
  const auto channels = static_cast<std::size_t>(config_.hyper);
  for (const auto& sample : samples_) {
    code_hyper(sample, [&](const entropy::HyperPredictor& predictor, std::size_t c,
                           const entropy::PredictedInteger&, std::int32_t value) {
      const auto system = static_cast<std::size_t>(sample.level) * channels + c;
      std::array<std::int32_t, kHyperNeighbours> near{};
      predictor.neighbours(near);
      const double target = kPredictionUnit * value - hyper_.means[system];
      for (std::size_t n = 0; n < near.size(); ++n) {
        by_target[system * kN + n] += near[n] * target;
        for (std::size_t m = 0; m < near.size(); ++m) {
          product[(system * kN + n) * kN + m] += static_cast<double>(near[n]) * near[m];
        }
      }
    });
  }
  constexpr double kUnit = kPredictionUnit * kPredictionUnit;
  const auto solved =
      torch::linalg_solve(products / kUnit + kPredictorRidge * torch::eye(kN, torch::kFloat64), right / kUnit)
          .reshape({config_.levels, config_.hyper, kN})
          .permute({0, 2, 1})
          .mul(1 << entropy::kHyperWeightShift)
          .round()
          .clamp(-128, 127)
          .to(torch::kInt8);
  hyper_.weights = dense_values<std::int8_t>(solved);
}

void PredictorStatistics::fit_expected() {
  std::vector<double> sum(hyper_.means.size()), count(hyper_.means.size());
  const auto channels = static_cast<std::size_t>(config_.hyper);
  for (const auto& sample : samples_) {
    code_hyper(sample, [&](const entropy::HyperPredictor&, std::size_t c,
                           const entropy::PredictedInteger& predicted, std::int32_t value) {
      const auto at = static_cast<std::size_t>(sample.level) * channels + c;
      sum[at] += std::abs(predicted.deviation_of(value));
      ++count[at];
    });
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double mean = (sum[i] + kPooledErrors / 2) / (count[i] + kPooledErrors);
    hyper_.expected[i] = std::clamp<std::int32_t>(static_cast<std::int32_t>(std::lround(mean * kErrorUnit)),
                                                  1, entropy::kHyperExpectedMaximum);
  }
}

std::vector<entropy::TableData> PredictorStatistics::lf_tables() const {
  std::vector<entropy::TableData> tables;
  for (const auto& counts : lf_counts_) {
    for (auto& table : counts.tables()) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace vaec::nn
