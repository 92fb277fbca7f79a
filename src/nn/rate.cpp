#include "nn/rate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "entropy/symbol_table.hpp"
#include "model/photo_config.hpp"

namespace vaec::nn {
namespace {

constexpr double kProbabilityFloor = 1e-9;
const double kLn2 = std::log(2.0);

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

struct ChooseSymbols : torch::autograd::Function<ChooseSymbols> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& difference,
                               const torch::Tensor& index) {
    return (difference.abs() + 0.5).sub_(dead_zone(index)).floor_().clamp_min_(0).mul_(difference.sign());
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

torch::Tensor choose_symbols(const torch::Tensor& difference, const torch::Tensor& index) {
  return ChooseSymbols::apply(difference, index);
}

const std::array<float, entropy::kScaleCount>& dead_zones() {
  static const auto zones = [] {
    std::array<float, entropy::kScaleCount> values{};
    for (int i = 0; i < entropy::kScaleCount; ++i) {
      const double s = entropy::scale_at(i) * entropy::kLogisticScale;
      const auto up_to = [&](double v) { return 1 / (1 + std::exp(-v / s)); };
      const double saved = std::log2((2 * up_to(0.5) - 1) / (up_to(-0.5) - up_to(-1.5)));
      values[static_cast<std::size_t>(i)] =
          static_cast<float>(std::min(1.0, saved / (2 * double{model::kErrorWeight})));
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
