// Quantization-aware training of g_s: weights on the grid that the integer network has.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "nn/synthesis_quantizer.hpp"
#include "nn/weight_rounding.hpp"
#include "tiny_vae.hpp"

namespace vaec::nn {
namespace {

TEST(WeightGrid, KeepsPairsOfInputsWithinTheirBound) {
  torch::manual_seed(3);
  const WeightGrid grid{torch::rand({7}, torch::kFloat64) + 0.5, torch::rand({5}, torch::kFloat64) + 0.1,
                        -128, 127};
  const auto weight = torch::randn({5, 7, 3, 3}, torch::kFloat64) * grid.step() * 90;
  const auto rounded = on_grid(weight, grid);
  EXPECT_TRUE(torch::equal(rounded, rounded.round()));
  EXPECT_LE(rounded.abs().max().item<double>(), 127);
  const auto size = rounded.abs();
  for (int i = 0; i + 1 < 7; i += 2) {
    EXPECT_LE((size.select(1, i) + size.select(1, i + 1)).max().item<double>(), 128) << i;
  }
  // Where no bound is met they are the nearest.
  const auto wanted = weight / grid.step();
  for (int i = 0; i < 7; ++i) {
    const int other = std::min(6, i ^ 1);
    const auto free = (wanted.select(1, i).abs() < 63).logical_and(wanted.select(1, other).abs() < 64);
    const auto error = (rounded.select(1, i) - wanted.select(1, i)).abs().masked_select(free);
    EXPECT_GT(error.numel(), 0);
    EXPECT_LE(error.max().item<double>(), 0.5) << i;
  }
  EXPECT_TRUE(torch::equal(on_grid(rounded * grid.step(), grid), rounded));  // a pair at its bound stays
}

// No more is cut than must be.
TEST(WeightGrid, OfTwoEqualWeightsOneGivesWay) {
  const WeightGrid grid{torch::ones({2}, torch::kFloat64), torch::ones({1}, torch::kFloat64), -128, 127};
  const auto weight = torch::tensor({100.0, 100.0}, torch::kFloat64).reshape({1, 2, 1, 1});
  EXPECT_TRUE(torch::equal(on_grid(weight, grid).flatten(), torch::tensor({28.0, 100.0}, torch::kFloat64)));
  EXPECT_TRUE(
      torch::equal(on_grid(-weight, grid).flatten(), torch::tensor({-28.0, -100.0}, torch::kFloat64)));
}

model::PhotoConfig with_skip() {
  auto config = tiny_config();
  config.synthesis.skip = true;
  config.synthesis.blocks = {1, 1, 1};
  return config;
}

// Makes blocks that count.
TwoLevelVae lively_vae() {
  auto vae = tiny_vae(with_skip());
  const torch::NoGradGuard no_grad;
  for (auto& p : vae->synthesis->named_parameters()) {
    if (p.key().ends_with("second.weight")) p.value().normal_(0, 0.1);
  }
  return vae;
}

TEST(SynthesisGrid, TrainsTheWeightsThatTheModelCodesWith) {
  auto vae = lively_vae();
  const auto statistics = tiny_statistics(vae);
  const auto rounded_here = quantize_synthesis(vae, statistics.decoded());
  put_on_grid(vae, statistics.decoded());
  const auto& latent = statistics.decoded().front();
  const auto float_picture = [&] {
    const torch::NoGradGuard no_grad;
    const auto q = torch::full({1}, static_cast<float>(latent.quality));
    const auto y = latent.y.to(torch::kFloat32) / model::kMeanUnit * vae->gain(q, false);
    return vae->synthesis->forward(y, quality_plane(q, y.size(2), y.size(3))) * 255;
  };
  const auto integer_picture = [&](const model::SynthesisLayers& layers) {
    return integer_synthesis(layers, latent.y, latent.quality).to(torch::kFloat32) / model::kPixelUnit;
  };
  const auto first_weight = [](const model::SynthesisLayers& layers) {
    return layers.blocks[2][0][0].weight;
  };
  const auto layers = quantize_synthesis(vae, statistics.decoded());
  EXPECT_EQ(first_weight(layers), first_weight(rounded_here));
  EXPECT_EQ(layers.blocks[0][0][1].weight, rounded_here.blocks[0][0][1].weight);
  EXPECT_EQ(layers.up[0].weight, rounded_here.up[0].weight);
  EXPECT_LT((float_picture() - integer_picture(layers)).abs().mean().item<double>(), 0.3);

  // A step of the optimizer: less than half a step of the grid changes nothing, more does, in both networks.
  auto weight = vae->synthesis->named_parameters()["stages.0.first.weight"];
  const auto step = vae->synthesis->grid()->layers.at("stages.0.first").step().to(torch::kFloat32);
  const auto move = [&](double steps) {
    const torch::NoGradGuard no_grad;
    weight.add_(step * steps);
  };
  const auto before = float_picture();
  move(0.4);
  EXPECT_TRUE(torch::allclose(before, float_picture(), 0, 1e-3));
  EXPECT_EQ(first_weight(quantize_synthesis(vae, statistics.decoded())), first_weight(layers));
  move(0.7);
  EXPECT_GT((before - float_picture()).abs().max().item<double>(), 0.01);
  const auto moved = quantize_synthesis(vae, statistics.decoded());
  for (std::size_t i = 0; i < first_weight(moved).size(); ++i) {
    const int was = first_weight(layers)[i];
    if (std::abs(was) >= 60) continue;  // a bound may hold it
    EXPECT_EQ(first_weight(moved)[i], was + 1);
  }
  EXPECT_LT((float_picture() - integer_picture(moved)).abs().mean().item<double>(), 0.3);
}

TEST(SynthesisGrid, PassesTheGradientStraightThrough) {
  auto vae = lively_vae();
  const auto statistics = tiny_statistics(vae);
  put_on_grid(vae, statistics.decoded());
  const auto x = made_pictures(1, 64);
  const auto q = torch::full({1}, 50.0F);
  vae->forward(x, q, vae->draw_noise(1, 64, 64, torch::kCPU)).x_hat.square().mean().backward();
  const auto gradient = vae->synthesis->named_parameters()["stages.0.first.weight"].grad();
  ASSERT_TRUE(gradient.defined());
  EXPECT_GT(gradient.abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace vaec::nn
