#include "loss/xyb.hpp"

#include "eval/xyb.hpp"

namespace vaec::loss {

torch::Tensor linear_light(const torch::Tensor& rgb) {
  const auto x = rgb.clamp(0, 1);
  // The power's base is kept off zero, where it has no gradient, in the part that where() does not take, too.
  return torch::where(x <= 0.04045, x / 12.92, ((x.clamp_min(0.04) + 0.055) / 1.055).pow(2.4));
}

torch::Tensor xyb(const torch::Tensor& linear) {
  namespace constants = eval::xyb;
  const auto matrix = torch::from_blob(const_cast<double*>(&constants::kCones[0][0]), {3, 3}, torch::kFloat64)
                          .to(linear.options());
  const auto cones = torch::einsum("kc,nchw->knhw", {matrix, linear}) + constants::kBias;
  const auto roots = cones.pow(1.0 / 3) - constants::kRootOfBias;
  const auto y = (roots[0] + roots[1]) / 2;
  return torch::stack({(roots[0] - roots[1]) / 2 * constants::kScaleX + constants::kOffsetX,
                       y + constants::kOffsetY, roots[2] - y + constants::kOffsetB},
                      1);
}

}  // namespace vaec::loss
