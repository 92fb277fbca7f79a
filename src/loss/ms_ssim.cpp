#include "loss/ms_ssim.hpp"

#include <cmath>
#include <vector>

#include "loss/window.hpp"

namespace vaec::loss {
namespace {

constexpr std::int64_t kWindow = 11;
constexpr double kSigma = 1.5;
constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;
constexpr double kWeights[] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
constexpr double kFloor = 1e-4;  // of a scale's similarity: below zero it has no power, at zero no gradient

torch::Tensor filtered(const torch::Tensor& x) {  // [M, H, W] -> [M, H - 10, W - 10]
  static const std::vector<double> kHalf = [] {
    std::vector<double> half;
    double sum = 0;
    for (std::int64_t i = 0; i <= kWindow / 2; ++i) {
      half.push_back(std::exp(static_cast<double>(i * i) / (-2 * kSigma * kSigma)));
      sum += (i == 0 ? 1 : 2) * half.back();
    }
    for (auto& tap : half) tap /= sum;
    return half;
  }();
  return windowed(x, kHalf, Border::kInside);
}

struct Similarity {
  torch::Tensor ssim, contrast_structure;  // [M], means over all positions
};

Similarity similarity(const torch::Tensor& a, const torch::Tensor& b) {
  const auto moments = filtered(torch::cat({a, b, a * a, b * b, a * b})).chunk(5);
  const auto mean_ab = moments[0] * moments[1];
  const auto means = moments[0].square() + moments[1].square();
  const auto variances = moments[2] + moments[3] - means;
  const auto cs = (2 * (moments[4] - mean_ab) + kC2) / (variances + kC2);
  const auto ssim = cs * (2 * mean_ab + kC1) / (means + kC1);
  return {ssim.mean({1, 2}), cs.mean({1, 2})};
}

}  // namespace

torch::Tensor ms_ssim(const torch::Tensor& a, const torch::Tensor& b) {
  const auto n = a.size(0), c = a.size(1);
  auto x = a.reshape({n * c, a.size(2), a.size(3)}), y = b.reshape({n * c, b.size(2), b.size(3)});
  torch::Tensor product;
  const auto last = std::size(kWeights) - 1;
  for (std::size_t scale = 0; scale <= last; ++scale) {
    if (scale > 0) {
      x = torch::avg_pool2d(x, 2);
      y = torch::avg_pool2d(y, 2);
    }
    const auto found = similarity(x, y);
    const auto& value = scale == last ? found.ssim : found.contrast_structure;
    const auto term = value.clamp_min(kFloor).pow(kWeights[scale]);
    product = scale == 0 ? term : product * term;
  }
  return product.reshape({n, c}).mean(1);
}

}  // namespace vaec::loss
