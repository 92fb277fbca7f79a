#include "nn/rate.hpp"

#include <cmath>

#include "entropy/gaussian.hpp"

namespace vaec::nn {
namespace {

constexpr double kProbabilityFloor = 1e-9;
const double kLn2 = std::log(2.0);

// Beyond so many scales the floor may hold and the gradient vanish; an extra term keeps a pull towards the
// mean.
constexpr double kPullFrom = 5, kPull = 0.1;

torch::Tensor normal_cdf(const torch::Tensor& t) { return torch::erfc(t * -M_SQRT1_2).mul_(0.5); }
torch::Tensor normal_density(const torch::Tensor& t) {
  return t.square().mul_(-0.5).exp_().mul_(1 / std::sqrt(2 * M_PI));
}

struct GaussianBits : torch::autograd::Function<GaussianBits> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& v,
                               const torch::Tensor& mean, const torch::Tensor& scale) {
    // By symmetry from the lower tail, where the difference keeps its precision.
    const auto difference = v - mean;
    const auto d = difference.abs();
    const auto inverse = scale.reciprocal();
    const auto upper = (0.5 - d).mul_(inverse), lower = (-0.5 - d).mul_(inverse);
    const auto p = normal_cdf(upper).sub_(normal_cdf(lower)).clamp_min_(kProbabilityFloor);
    const auto excess = (d * inverse).sub_(kPullFrom).clamp_min_(0);
    const auto bits = p.log().mul_(-1 / kLn2).add_(excess, kPull);

    const auto at_upper = normal_density(upper), at_lower = normal_density(lower);
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

}  // namespace

torch::Tensor gaussian_bits(const torch::Tensor& v, const torch::Tensor& mean, const torch::Tensor& scale) {
  return GaussianBits::apply(v, mean, scale);
}

torch::Tensor logistic_bits(const torch::Tensor& v, const torch::Tensor& mean, const torch::Tensor& scale) {
  const auto d = (v - mean).abs();
  const auto p = torch::sigmoid((0.5 - d) / scale) - torch::sigmoid((-0.5 - d) / scale);
  return p.clamp_min(kProbabilityFloor).log() / -kLn2 + kPull * (d / scale - 2 * kPullFrom).clamp_min(0);
}

torch::Tensor scale_of_index(const torch::Tensor& index) {
  const double step = std::log(entropy::kScaleMax / entropy::kScaleMin) / (entropy::kScaleCount - 1);
  return torch::exp(index * step + std::log(entropy::kScaleMin));
}

}  // namespace vaec::nn
