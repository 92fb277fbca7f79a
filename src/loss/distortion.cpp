#include "loss/distortion.hpp"

#include "loss/ms_ssim.hpp"
#include "loss/ssimulacra2.hpp"
#include "loss/xyb.hpp"

namespace vaec::loss {

std::int64_t smallest_crop(const model::Distortion& distortion) {
  return distortion.ms_ssim != 0 ? kSmallestMsSsimCrop : kSmallestSsimulacra2Crop;
}

torch::Tensor distortion(const model::Distortion& weights, const torch::Tensor& x_hat,
                         const torch::Tensor& x) {
  constexpr double kPeak = 255;
  torch::Tensor sum;
  const auto add = [&](double weight, const auto& measure) {
    if (weight == 0) return;
    const auto term = weight * measure();
    sum = sum.defined() ? sum + term : term;
  };
  add(weights.mse * kPeak * kPeak, [&] { return (x_hat - x).square().mean({1, 2, 3}); });
  add(weights.xyb * model::kXybWeight * kPeak * kPeak, [&] {
    return (xyb(linear_light(x_hat)) - xyb(linear_light(x))).square().mean({2, 3}).sum(1);
  });
  add(weights.ms_ssim * model::kMsSsimWeight, [&] { return 1 - ms_ssim(x_hat, x); });
  add(weights.ssimulacra2 * model::kSsimulacra2Weight, [&] { return ssimulacra2_error(x, x_hat); });
  return sum;
}

}  // namespace vaec::loss
