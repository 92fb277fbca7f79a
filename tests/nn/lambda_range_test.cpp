#include <gtest/gtest.h>

#include <cmath>

#include "nn/two_level_vae.hpp"

namespace vaec::nn {
namespace {

model::PhotoConfig small_config() {
  model::PhotoConfig config;
  config.latent = 12;
  config.synthesis.skip = true;
  for (auto* transform : {&config.analysis, &config.synthesis}) {
    transform->channels = {4, 6, 8};
    transform->blocks = {1, 1, 1};
  }
  return config;
}

double farthest(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

// A range half again as long, so that what was quality 61 is 41 now.
TEST(LambdaRange, KeepsWhatANetworkComputesAtALambda) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  TwoLevelVae vae(small_config());
  for (auto& p : vae->parameters()) p.add_(torch::randn_like(p) * 0.05);
  // Gains and the hyper-latent's density as lines over the quality: their levels lie elsewhere now.
  for (auto* levels : {&vae->log_gain, &vae->log_inverse_gain, &vae->hyper_density->mean}) {
    const auto rows = levels->size(0);
    levels->copy_(levels->select(0, 0).unsqueeze(0) +
                  torch::linspace(0, 1, rows).unsqueeze(1) * torch::randn({1, levels->size(1)}));
  }
  const double low = vae->config().lambda_min, span = std::log(vae->config().lambda_max / low);
  const auto y = torch::randn({1, 12, 32, 32});
  const auto z = torch::randn({1, vae->config().hyper, 8, 8}).mul(4).round();
  const auto lf = torch::randn({1, 3, 32, 32}).round();

  const auto all = [&](double quality) {
    const auto q = torch::full({1}, quality);
    const auto plane = quality_plane(q, 32, 32);
    const auto of_h_s = torch::full({1, 1, 8, 8}, quality - model::kQualityCentre);
    return std::vector<torch::Tensor>{
        vae->gain(q, true), vae->gain(q, false), vae->synthesis(y, plane, torch::kFloat32),
        vae->hyper_analysis(y, plane), vae->hyper_synthesis->features(torch::cat({z, of_h_s}, 1), lf)};
  };
  const auto before = all(61);
  const auto density = vae->hyper_density->mean.clone();
  vae->set_lambda_range(low, low * std::exp(1.5 * span));
  EXPECT_NEAR(vae->config().lambda(41), low * std::exp(span * 60 / 99), 1e-6);
  const auto after = all(41);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_LT(farthest(before[i], after[i]), 1e-4) << i;
  // h_s: of integers, which its new weights may round otherwise; and its border sees zeros beyond the picture.
  const auto inside = [](const torch::Tensor& x) { return x.slice(2, 12, 20).slice(3, 12, 20); };
  EXPECT_LE(farthest(inside(before[4]), inside(after[4])), 2);
  // The first level is where it was, and the last one half again as far.
  const auto& moved = vae->hyper_density->mean;
  EXPECT_LT(farthest(moved.select(0, 0), density.select(0, 0)), 1e-5);
  const auto wanted = density.select(0, 0) + 1.5 * (density.select(0, -1) - density.select(0, 0));
  EXPECT_LT(farthest(moved.select(0, -1), wanted), 1e-4);
}

}  // namespace
}  // namespace vaec::nn
