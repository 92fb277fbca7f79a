#include "nn/latent_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "entropy/symbol_choice.hpp"
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

// Of counts [kTableRows][kActivities][kCountedMagnitudes].
std::vector<entropy::TableData> tables_of(const std::vector<double>& met) {
  std::vector<entropy::TableData> tables;
  for (int row = 0; row < entropy::kTableRows; ++row) {
    const auto* of_row = met.data() + static_cast<std::size_t>(row) * kActivities * kCountedMagnitudes;
    std::array<double, kCountedMagnitudes> all{};
    double total = 0;
    for (std::size_t k = 0; k < kActivities * kCountedMagnitudes; ++k) {
      all[k % kCountedMagnitudes] += of_row[k];
      total += of_row[k];
    }
    const double share = kPooled / (total + kExpected);
    for (std::size_t activity = 0; activity < kActivities; ++activity) {
      if (activity > 0 && total == 0) {  // all alike
        tables.push_back(tables.back());
        continue;
      }
      auto counts = all;
      for (std::size_t k = 0; k < kCountedMagnitudes; ++k) {
        counts[k] = of_row[activity * kCountedMagnitudes + k] + share * all[k];
      }
      tables.push_back(entropy::symbol_table(counts, entropy::scale_at(entropy::scale_of_row(row)),
                                             share * kExpected, entropy::quantizer_of_row(row)));
    }
  }
  return tables;
}

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
  constexpr double kLargestLatent = 1 << 24;
  const auto y_hat =
      (coded.y_hat * model::kMeanUnit).nan_to_num(0).round().clamp(-kLargestLatent, kLargestLatent);
  decoded_.push_back({y_hat.to(torch::kCPU, torch::kInt32), quality});
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    samples_.push_back({model::nearest_level(quality, config_.levels), static_cast<int>(y.size(2)),
                        static_cast<int>(y.size(3)), dense_values<float>(difference[i]),
                        dense_values<std::uint8_t>(scale[i])});
  }
}

void LatentStatistics::add(LatentStatistics&& other) {
  std::move(other.samples_.begin(), other.samples_.end(), std::back_inserter(samples_));
  other.samples_.clear();
  std::move(other.decoded_.begin(), other.decoded_.end(), std::back_inserter(decoded_));
  other.decoded_.clear();
  predictors_.add(std::move(other.predictors_));
}

template <typename Use>
void LatentStatistics::code(const Use& use) const {
  constexpr std::int32_t kUnit = model::kMeanUnit;
  const auto channels = static_cast<std::size_t>(config_.latent);
  std::vector<entropy::FrequencyTable> frequency_tables;
  for (const auto& table : tables_) frequency_tables.emplace_back(table.first, table.frequencies);
  const entropy::SymbolBits bits(frequency_tables);
  entropy::SymbolChoice choice(bits, is_lf_);
  std::vector<float> left(channels);
  for (const auto& sample : samples_) {
    entropy::LatentContext context(context_.at(sample.level, config_.levels), sample.rows, sample.columns,
                                   config_.latent);
    const auto code_position = [&](std::size_t position) {
      const auto* difference = sample.difference.data() + position * channels;
      const auto* scales = sample.scale.data() + position * channels;
      context.begin(position);
      for (std::size_t c = 0; c < channels; ++c) {
        if (is_lf_[c]) {
          left[c] = difference[c];
        } else if (scales[c] <= model::kZeroScale) {
          left[c] = 0;
        } else {
          left[c] = difference[c] - static_cast<float>(context.shift(c)) / kUnit;
        }
      }
      choice.begin(context, left.data(), scales, 1);
      entropy::QuantizerChain chain;
      for (std::size_t c = 0; c < channels; ++c) {
        if (is_lf_[c]) {
          const auto residual = static_cast<std::int32_t>(std::lround(kUnit * difference[c]));
          context.put(c, 2 * std::abs((residual + kUnit / 2) >> 4), scales[c], residual);
          continue;
        }
        if (scales[c] <= model::kZeroScale) {
          context.put(c, 0, scales[c], 0);
          continue;
        }
        const auto quantizer = chain.next(scales[c]);
        const auto symbol = choice.choose(c, quantizer, context.activity(c));
        use(sample, context, Coded{c, scales[c], quantizer, difference[c], symbol});
        context.put(c, entropy::half_steps(symbol, quantizer), scales[c],
                    entropy::value_of(symbol, quantizer) + context.shift(c));
        chain.put(symbol, quantizer);
      }
    };
    for (int pass = 0; pass < kContextPasses; ++pass) {
      for (int row = 0; row < sample.rows; ++row) {
        for (int column = (row + pass) % 2; column < sample.columns; column += 2) {
          code_position(static_cast<std::size_t>(row) * static_cast<std::size_t>(sample.columns) +
                        static_cast<std::size_t>(column));
        }
      }
    }
  }
}

void LatentStatistics::fit() {
  constexpr int kRounds = 3;
  const auto channels = static_cast<std::size_t>(config_.latent);
  context_.weights.assign(
      static_cast<std::size_t>(config_.levels) * kContextPasses * kContextNeighbours * channels, 0);
  context_.expected.assign(kScaleCount, 0);
  predictors_.fit();
  tables_ = tables_of(std::vector<double>(entropy::kTableRows * kActivities * kCountedMagnitudes, 0));
  fit_weights();
  for (int round = 0; round < kRounds; ++round) fit_expected_and_tables();
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
  code([&](const Sample& sample, const entropy::LatentContext& context, const Coded& coded) {
    const auto system =
        (static_cast<std::size_t>(sample.level) * kContextPasses + static_cast<std::size_t>(context.pass())) *
            channels +
        coded.channel;
    double near[kN];
    for (std::size_t n = 0; n < kN; ++n) {
      const auto* residual = context.neighbours()[n];
      near[n] = residual == nullptr ? 0 : static_cast<double>(residual[coded.channel]) / model::kMeanUnit;
    }
    for (std::size_t n = 0; n < kN; ++n) {
      if (near[n] == 0) continue;
      by_target[system * kN + n] += share[coded.scale] * near[n] * coded.difference;
      for (std::size_t m = 0; m < kN; ++m)
        product[(system * kN + n) * kN + m] += share[coded.scale] * near[n] * near[m];
    }
  });
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

void LatentStatistics::fit_expected_and_tables() {
  std::array<double, kScaleCount> sum{}, count{};
  std::vector<double> counts(entropy::kTableRows * kActivities * kCountedMagnitudes, 0);
  code([&](const Sample&, const entropy::LatentContext& context, const Coded& coded) {
    sum[coded.scale] +=
        0.5 * std::min(entropy::half_steps(coded.symbol, coded.quantizer), 2 * entropy::kMagnitudeMaximum);
    ++count[coded.scale];
    const auto magnitude =
        std::min<std::size_t>(static_cast<std::size_t>(std::abs(coded.symbol)), kCountedMagnitudes - 1);
    const auto row = static_cast<std::size_t>(entropy::table_row(coded.scale, coded.quantizer));
    const auto table = row * kActivities + static_cast<std::size_t>(context.activity(coded.channel));
    ++counts[table * kCountedMagnitudes + magnitude];
  });
  tables_ = tables_of(counts);
  for (std::size_t i = 0; i < kScaleCount; ++i) {
    // Where little was met: the mean magnitude of a logistic density is its scale * 2 ln 2.
    const double s = entropy::scale_at(static_cast<int>(i)) * entropy::kLogisticScale;
    const double steps =
        static_cast<int>(i) < entropy::kDependentScale ? 1 : 2.0 * entropy::kHalfStep / entropy::kValueUnit;
    const double density =
        s < 0.2 ? 0 : std::min<double>(entropy::kMagnitudeMaximum, s / steps * 2 * std::log(2.0));
    const double mean = (sum[i] + kPooled * density) / (count[i] + kPooled);
    context_.expected[i] = static_cast<std::int32_t>(std::lround(mean * entropy::kMagnitudeUnit));
  }
}

}  // namespace vaec::nn
