#include "loss/ssimulacra2.hpp"

#include <array>
#include <vector>

#include "eval/recursive_gaussian.hpp"
#include "eval/ssimulacra2_weights.hpp"
#include "loss/ssimulacra2_gradient.hpp"
#include "loss/window.hpp"
#include "loss/xyb.hpp"

namespace vaec::loss {
namespace {

namespace parts = eval::ssimulacra2_parts;

// The maps of structure, ringing and blurring, each [M, H, W], of planes [M, H, W].
std::array<torch::Tensor, parts::kMaps> maps(const torch::Tensor& a, const torch::Tensor& b) {
  static const std::vector<double> kHalf(eval::kGaussianTaps.begin(), eval::kGaussianTaps.end());
  const auto distance = a - b;
  const auto moments =
      windowed(torch::cat({a, b, a * a + b * b, distance * distance}), kHalf, Border::kZeros).chunk(4);
  const auto shift = (moments[0] - moments[1]).square();
  const auto variances = moments[2] - moments[0].square() - moments[1].square();
  const auto likeness = (1 - shift) * (1 - (moments[3] - shift) / (variances + parts::kC2));
  const auto edge = (1 + (b - moments[1]).abs()) / (1 + (a - moments[0]).abs()) - 1;
  return {(1 - likeness).relu(), edge.relu(), (-edge).relu()};
}

class WithGradient : public torch::autograd::Function<WithGradient> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& a,
                               const torch::Tensor& b) {
    const auto from = a.contiguous(), to = b.contiguous();
    const auto gradient = b.requires_grad() ? torch::empty_like(to) : torch::Tensor();
    const auto errors = torch::empty({b.size(0)}, b.options());
    for (std::int64_t i = 0; i < b.size(0); ++i) {
      errors[i] = ssimulacra2_error(from[i].data_ptr<float>(), to[i].data_ptr<float>(), b.size(2), b.size(3),
                                    gradient.defined() ? gradient[i].data_ptr<float>() : nullptr);
    }
    if (gradient.defined()) context->save_for_backward({gradient});
    return errors;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& of_errors) {
    return {torch::Tensor(), of_errors[0].reshape({-1, 1, 1, 1}) * context->get_saved_variables()[0]};
  }
};

}  // namespace

torch::Tensor ssimulacra2_error(const torch::Tensor& a, const torch::Tensor& b) {
  const bool by_a = a.requires_grad() && torch::GradMode::is_enabled();
  return a.is_cpu() && b.is_cpu() && !by_a ? WithGradient::apply(a, b) : composed_ssimulacra2_error(a, b);
}

torch::Tensor composed_ssimulacra2_error(const torch::Tensor& a, const torch::Tensor& b) {
  const auto n = a.size(0);
  auto light_a = linear_light(a), light_b = linear_light(b);
  auto sum = torch::zeros({n}, a.options());
  for (std::size_t scale = 0; scale < parts::kScales; ++scale) {
    if (scale > 0) {
      light_a = torch::avg_pool2d(light_a, 2);
      light_b = torch::avg_pool2d(light_b, 2);
    }
    const auto planes = [&](const torch::Tensor& light) { return xyb(light).flatten(0, 1); };
    const auto found = maps(planes(light_a), planes(light_b));
    for (std::size_t map = 0; map < parts::kMaps; ++map) {
      const auto of_weights = [&](std::size_t norm) {
        std::array<float, parts::kChannels> weights{};
        for (std::size_t c = 0; c < parts::kChannels; ++c)
          weights[c] = static_cast<float>(parts::kWeights[c][scale][norm][map]);
        return torch::tensor(at::ArrayRef<float>(weights.data(), weights.size())).to(a.device());
      };
      const auto mean = found[map].mean({1, 2}).reshape({n, 3});
      const auto fourth =
          (found[map].square().square().mean({1, 2}) + kPowersFloor).pow(0.25).reshape({n, 3});
      sum = sum + (mean * of_weights(0)).sum(1) + (fourth * of_weights(1)).sum(1);
    }
  }
  return sum;
}

}  // namespace vaec::loss
