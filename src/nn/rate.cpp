#include "nn/rate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "entropy/symbol_choice.hpp"
#include "entropy/symbol_table.hpp"

namespace vaec::nn {
namespace {

constexpr double kProbabilityFloor = 1e-9;
const double kLn2 = std::log(2.0);
constexpr double kQuantizerStep = 2.0 * entropy::kHalfStep / entropy::kValueUnit;  // of Q0 and Q1

// Beyond so many scales the floor may hold and the gradient vanish;
// an extra term keeps a pull towards the mean.
constexpr double kPullFrom = 10, kPull = 0.1;

struct LogisticBits : torch::autograd::Function<LogisticBits> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& v,
                               const torch::Tensor& mean, const torch::Tensor& scale) {
    // By symmetry from the lower tail, where the difference keeps its precision.
    const auto difference = v - mean;
    const auto d = difference.abs();
    const auto inverse = scale.reciprocal();
    const auto upper = (0.5 - d).mul_(inverse), lower = (-0.5 - d).mul_(inverse);
    const auto to_upper = upper.sigmoid(), to_lower = lower.sigmoid();
    const auto p = (to_upper - to_lower).clamp_min_(kProbabilityFloor);
    const auto excess = (d * inverse).sub_(kPullFrom).clamp_min_(0);
    const auto bits = p.log().mul_(-1 / kLn2).add_(excess, kPull);

    const auto at_upper = to_upper.sub_(to_upper.square()), at_lower = to_lower.sub_(to_lower.square());
    const auto factor = (inverse / p).mul_(1 / kLn2);
    const auto pulled = (excess > 0).to(d.scalar_type()).mul_(inverse).mul_(kPull);
    const auto by_d = (at_upper - at_lower).mul_(factor).add_(pulled);
    const auto by_scale =
        (at_upper.mul_(upper) - at_lower.mul_(lower)).mul_(factor).sub_(pulled * d * inverse);
    context->save_for_backward({by_d.mul_(difference.sign()), by_scale});
    return bits;
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto by_v = gradients[0] * saved[0];
    return {by_v, -by_v, gradients[0] * saved[1]};
  }
};

// The tables' rows by the density alone: what symbols cost while a model is trained.
const entropy::SymbolBits& density_bits() {
  static const auto bits = [] {
    const std::array<double, entropy::kCountedMagnitudes> nothing{};
    std::vector<entropy::FrequencyTable> tables;
    for (int row = 0; row < entropy::kTableRows; ++row) {
      const auto data = entropy::symbol_table(nothing, entropy::scale_at(entropy::scale_of_row(row)), 1000,
                                              entropy::quantizer_of_row(row));
      tables.emplace_back(data.first, data.frequencies);
    }
    return entropy::SymbolBits(tables);
  }();
  return bits;
}

// One position.
class PositionQuantizer {
 public:
  void run(const float* difference, const std::uint8_t* index, float* out, std::int64_t channels) {
    const auto bits = [](int scale, entropy::Quantizer quantizer) {
      return density_bits()[static_cast<std::size_t>(entropy::table_row(scale, quantizer))];
    };
    const auto in_steps = [](std::int32_t symbol, entropy::Quantizer quantizer) {
      return static_cast<float>(entropy::value_of(symbol, quantizer)) / entropy::kValueUnit;
    };
    trellis_.begin(entropy::kTrellisErrorWeight);
    for (std::int64_t c = 0; c < channels; ++c) {
      const int scale = index[c];
      if (scale >= entropy::kDependentScale) {
        trellis_.add(difference[c], bits(scale, entropy::Quantizer::kQ0),
                     bits(scale, entropy::Quantizer::kQ1));
      } else {
        const auto whole = entropy::Quantizer::kWhole;
        out[c] =
            in_steps(entropy::choose_whole(difference[c], bits(scale, whole), entropy::kErrorWeight), whole);
      }
    }
    const auto chosen = trellis_.finish();
    entropy::QuantizerChain chain;
    std::size_t next = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      if (index[c] < entropy::kDependentScale) continue;
      const auto symbol = chosen[next++];
      const auto quantizer = chain.next(index[c]);
      out[c] = in_steps(symbol, quantizer);
      chain.put(symbol, quantizer);
    }
  }

 private:
  entropy::Trellis trellis_;
};

struct Quantize : torch::autograd::Function<Quantize> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& difference,
                               const torch::Tensor& index) {
    const auto laid_out = [](const torch::Tensor& nchw, torch::ScalarType type) {
      return nchw.permute({0, 2, 3, 1}).to(torch::kCPU, type).contiguous();
    };
    // Clamped: training that went wrong gives NaN, and no table has that index.
    const auto from = laid_out(difference, torch::kFloat32);
    const auto by = laid_out(index.nan_to_num(0).clamp(0, entropy::kScaleCount - 1), torch::kUInt8);
    auto out = torch::empty_like(from);
    const auto channels = from.size(3);
    const auto* d = from.data_ptr<float>();
    const auto* i = by.data_ptr<std::uint8_t>();
    auto* o = out.data_ptr<float>();
    constexpr std::int64_t kAtLeast = 256;  // positions a thread
    at::parallel_for(0, from.numel() / channels, kAtLeast, [&](std::int64_t begin, std::int64_t end) {
      PositionQuantizer position;
      for (auto p = begin; p < end; ++p) {
        position.run(d + p * channels, i + p * channels, o + p * channels, channels);
      }
    });
    return out.to(difference.device(), difference.scalar_type()).permute({0, 3, 1, 2});
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0], torch::Tensor()};
  }
};

}  // namespace

torch::Tensor logistic_bits(const torch::Tensor& v, const torch::Tensor& mean, const torch::Tensor& scale) {
  return LogisticBits::apply(v, mean.expand_as(v), scale.expand_as(v));
}

torch::Tensor scale_of_index(const torch::Tensor& index) {
  const double step = std::log(entropy::kScaleMax / entropy::kScaleMin) / (entropy::kScaleCount - 1);
  return torch::exp(index * step + std::log(entropy::kScaleMin * entropy::kLogisticScale));
}

torch::Tensor noise_width(const torch::Tensor& scale) {
  const auto variance = (scale.detach() / entropy::kLogisticScale).square();
  return 1 + (kQuantizerStep - 1) * variance / (variance + 8);
}

torch::Tensor bin_width(const torch::Tensor& scale, const torch::Tensor& index) {
  const auto deviation = scale.detach() / entropy::kLogisticScale;
  return torch::where(index >= entropy::kDependentScale, kQuantizerStep * deviation / (deviation + 0.187),
                      1.0)
      .to(scale.scalar_type());
}

torch::Tensor quantize(const torch::Tensor& difference, const torch::Tensor& index) {
  return Quantize::apply(difference, index);
}

const std::array<float, entropy::kScaleCount>& dead_zones() {
  static const auto zones = [] {
    std::array<float, entropy::kScaleCount> values{};
    for (int i = 0; i < entropy::kScaleCount; ++i) {
      const double s = entropy::scale_at(i) * entropy::kLogisticScale;
      const auto up_to = [&](double v) { return 1 / (1 + std::exp(-v / s)); };
      const double saved = std::log2((2 * up_to(0.5) - 1) / (up_to(-0.5) - up_to(-1.5)));
      values[static_cast<std::size_t>(i)] =
          static_cast<float>(std::min(1.0, saved / (2 * double{entropy::kErrorWeight})));
    }
    return values;
  }();
  return zones;
}

torch::Tensor dead_zone(const torch::Tensor& index) {
  // Clamped: training that went wrong gives NaN, and no table has that index.
  static const auto zones =
      torch::from_blob(const_cast<float*>(dead_zones().data()), {entropy::kScaleCount}).clone();
  return zones.to(index.device())
      .index_select(
          0, index.permute({0, 2, 3, 1}).to(torch::kInt32).flatten().clamp_(0, entropy::kScaleCount - 1))
      .reshape({index.size(0), index.size(2), index.size(3), index.size(1)})
      .permute({0, 3, 1, 2});
}

}  // namespace vaec::nn
