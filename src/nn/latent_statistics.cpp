#include "nn/latent_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "nn/rate.hpp"
#include "nn/tensor_io.hpp"

namespace vaec::nn {
namespace {

using entropy::kActivities, entropy::kContextNeighbours, entropy::kContextPasses, entropy::kCountedMagnitudes,
    entropy::kScaleCount;

// The least squares of a latent count by 1 / scale^2, but for scales at which nearly all symbols are zero.
constexpr double kSmallestScale = 0.4;
// Pulls weights to zero: so many latents at which a neighbour is off by one rounding step and says nothing.
constexpr double kRidge = 100;
constexpr double kLargestDifference = 1 << 20;  // the largest symbol that is coded
constexpr double kPooled = 50;      // symbols that all activities of a scale together count for at each
constexpr double kExpected = 1000;  // symbols that the density counts for at each scale

}  // namespace

void LatentStatistics::add(const torch::Tensor& y, const CodedLatent& coded, int quality) {
  const torch::NoGradGuard no_grad;
  const auto laid_out = [](const torch::Tensor& nchw, double low, double high, torch::ScalarType type) {
    return nchw.nan_to_num(0).clamp(low, high).permute({0, 2, 3, 1}).to(torch::kCPU, type).contiguous();
  };
  const std::vector<std::int64_t> channels(config_.lf.begin(), config_.lf.end());
  const auto lf_channels = torch::tensor(channels, torch::kInt64).to(y.device());
  predictors_.add(y.index_select(1, lf_channels), coded.z, quality);
  const auto lf = coded.y_hat.index_select(1, lf_channels);
  const auto difference = laid_out(y.index_copy(1, lf_channels, lf) - coded.mean, -kLargestDifference,
                                   kLargestDifference, torch::kFloat32);
  const auto scale = laid_out(coded.scale_index, 0, kScaleCount - 1, torch::kUInt8);
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    samples_.push_back({model::nearest_level(quality, config_.levels), static_cast<int>(y.size(2)),
                        static_cast<int>(y.size(3)), dense_values<float>(difference[i]),
                        dense_values<std::uint8_t>(scale[i])});
  }
}

void LatentStatistics::add(LatentStatistics&& other) {
  std::move(other.samples_.begin(), other.samples_.end(), std::back_inserter(samples_));
  other.samples_.clear();
  predictors_.add(std::move(other.predictors_));
}

template <typename Use>
void LatentStatistics::code(const Sample& sample, const Use& use) const {
  constexpr std::int32_t kUnit = model::kMeanUnit;
  const auto channels = static_cast<std::size_t>(config_.latent);
  entropy::LatentContext context(context_.at(sample.level, config_.levels), sample.rows, sample.columns,
                                 config_.latent);
  const auto& zones = dead_zones();
  for (int pass = 0; pass < kContextPasses; ++pass) {
    for (int row = 0; row < sample.rows; ++row) {
      for (int column = (row + pass) % 2; column < sample.columns; column += 2) {
        const auto position = static_cast<std::size_t>(row) * static_cast<std::size_t>(sample.columns) +
                              static_cast<std::size_t>(column);
        context.begin(position);
        for (std::size_t c = 0; c < channels; ++c) {
          const auto scale = sample.scale[position * channels + c];
          const float difference = sample.difference[position * channels + c];
          if (is_lf_[c]) {
            const auto residual = static_cast<std::int32_t>(std::lround(kUnit * difference));
            context.put(c, (residual + kUnit / 2) >> 4, scale, residual);
            continue;
          }
          if (scale <= model::kZeroScale) {
            context.put(c, 0, scale, 0);
            continue;
          }
          const auto shift = context.shift(c);
          const float left = difference - static_cast<float>(shift) / kUnit;
          const auto magnitude =
              static_cast<std::int32_t>(std::max(0.0F, std::floor(std::abs(left) + 0.5F - zones[scale])));
          const auto symbol = left < 0 ? -magnitude : magnitude;
          use(context, c, scale, difference, symbol);
          context.put(c, symbol, scale, kUnit * symbol + shift);
        }
      }
    }
  }
}

void LatentStatistics::fit() {
  const auto channels = static_cast<std::size_t>(config_.latent);
  context_.weights.assign(
      static_cast<std::size_t>(config_.levels) * kContextPasses * kContextNeighbours * channels, 0);
  context_.expected.assign(kScaleCount, 0);
  predictors_.fit();
  fit_weights();
  fit_expected();
  counts_.assign(kScaleCount * kActivities * kCountedMagnitudes, 0);
  for (const auto& sample : samples_) {
    code(sample, [&](const entropy::LatentContext& context, std::size_t c, std::uint8_t scale, float,
                     std::int32_t symbol) {
      const auto magnitude =
          std::min<std::size_t>(static_cast<std::size_t>(std::abs(symbol)), kCountedMagnitudes - 1);
      const auto table = std::size_t{scale} * kActivities + static_cast<std::size_t>(context.activity(c));
      ++counts_[table * kCountedMagnitudes + magnitude];
    });
  }
}

void LatentStatistics::fit_weights() {
  constexpr std::size_t kN = kContextNeighbours;
  const auto channels = static_cast<std::size_t>(config_.latent);
  const auto systems = static_cast<std::size_t>(config_.levels) * kContextPasses * channels;
  auto products = torch::zeros({static_cast<std::int64_t>(systems), kN, kN}, torch::kFloat64),
       right = torch::zeros({static_cast<std::int64_t>(systems), kN, 1}, torch::kFloat64);
  auto* product = products.data_ptr<double>();
  auto* by_target = right.data_ptr<double>();
  std::array<double, kScaleCount> share{};
  for (int i = 0; i < kScaleCount; ++i) {
    share[static_cast<std::size_t>(i)] = 1 / std::pow(std::max(kSmallestScale, entropy::scale_at(i)), 2);
  }
  for (const auto& sample : samples_) {
    code(sample, [&](const entropy::LatentContext& context, std::size_t c, std::uint8_t scale,
                     float difference, std::int32_t) {
      const auto system = (static_cast<std::size_t>(sample.level) * kContextPasses +
                           static_cast<std::size_t>(context.pass())) *
                              channels +
                          c;
      double near[kN];
      for (std::size_t n = 0; n < kN; ++n) {
        const auto* residual = context.neighbours()[n];
        near[n] = residual == nullptr ? 0 : static_cast<double>(residual[c]) / model::kMeanUnit;
      }
      for (std::size_t n = 0; n < kN; ++n) {
        if (near[n] == 0) continue;
        by_target[system * kN + n] += share[scale] * near[n] * difference;
        for (std::size_t m = 0; m < kN; ++m)
          product[(system * kN + n) * kN + m] += share[scale] * near[n] * near[m];
      }
    });
  }
  const auto solved = torch::linalg_solve(products + kRidge * torch::eye(kN, torch::kFloat64), right)
                          .reshape({config_.levels, kContextPasses, config_.latent, kN})
                          .permute({0, 1, 3, 2})
                          .mul(1 << entropy::kWeightShift)
                          .round()
                          .clamp(-128, 127)
                          .to(torch::kInt8)
                          .contiguous();
  context_.weights.assign(solved.data_ptr<std::int8_t>(), solved.data_ptr<std::int8_t>() + solved.numel());
}

void LatentStatistics::fit_expected() {
  std::array<double, kScaleCount> sum{}, count{};
  for (const auto& sample : samples_) {
    code(sample,
         [&](const entropy::LatentContext&, std::size_t, std::uint8_t scale, float, std::int32_t symbol) {
           sum[scale] += std::min(std::abs(symbol), entropy::kMagnitudeMaximum);
           ++count[scale];
         });
  }
  for (std::size_t i = 0; i < kScaleCount; ++i) {
    // Where little was met: the mean magnitude of a logistic density is its scale * 2 ln 2.
    const double s = entropy::scale_at(static_cast<int>(i)) * entropy::kLogisticScale;
    const double density = s < 0.2 ? 0 : std::min<double>(entropy::kMagnitudeMaximum, s * 2 * std::log(2.0));
    const double mean = (sum[i] + kPooled * density) / (count[i] + kPooled);
    context_.expected[i] = static_cast<std::int32_t>(std::lround(mean * entropy::kMagnitudeUnit));
  }
}

std::vector<entropy::TableData> LatentStatistics::tables() const {
  std::vector<entropy::TableData> tables;
  for (int i = 0; i < kScaleCount; ++i) {
    const auto* of_scale = counts_.data() + static_cast<std::size_t>(i) * kActivities * kCountedMagnitudes;
    std::array<double, kCountedMagnitudes> all{};
    double total = 0;
    for (std::size_t k = 0; k < kActivities * kCountedMagnitudes; ++k) {
      all[k % kCountedMagnitudes] += of_scale[k];
      total += of_scale[k];
    }
    const double share = kPooled / (total + kExpected);
    for (std::size_t activity = 0; activity < kActivities; ++activity) {
      auto counts = all;
      for (std::size_t k = 0; k < kCountedMagnitudes; ++k) {
        counts[k] = of_scale[activity * kCountedMagnitudes + k] + share * all[k];
      }
      tables.push_back(entropy::symbol_table(counts, entropy::scale_at(i), share * kExpected));
    }
  }
  return tables;
}

}  // namespace vaec::nn
