#include "nn/layers.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "entropy/symbol_table.hpp"
#include "model/photo_config.hpp"
#include "nn/rate.hpp"

namespace vaec::nn {
namespace {

TEST(DepthToSpace, PutsChannelsWhereTheHeaderSays) {
  const auto x = torch::arange(2 * 8 * 3 * 5).reshape({2, 8, 3, 5});
  const auto out = depth_to_space(x, 2);
  ASSERT_EQ(out.sizes(), (std::vector<std::int64_t>{2, 2, 6, 10}));
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      for (int c = 0; c < 2; ++c) {
        EXPECT_EQ(out[1][c][2 * 2 + i][3 * 2 + j].item<int>(), x[1][(i * 2 + j) * 2 + c][2][3].item<int>());
      }
    }
  }
  EXPECT_TRUE(torch::equal(space_to_depth(out, 2), x));
}

TEST(Rounding, PassesTheGradientStraightThrough) {
  const auto x = torch::tensor({0.4, 1.6, -2.5}).set_requires_grad(true);
  const auto y = round_straight_through(x);
  EXPECT_TRUE(torch::equal(y, torch::tensor({0.0, 2.0, -2.0})));
  (y * torch::tensor({1.0, 2.0, 3.0})).sum().backward();
  EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({1.0, 2.0, 3.0})));
}

TEST(Clamping, LetsTheGradientLeadBack) {
  const auto x = torch::tensor({-1.0, -1.0, 0.5, 2.0, 2.0}).set_requires_grad(true);
  const auto y = clamp_straight_through(x, 0, 1);
  EXPECT_TRUE(torch::equal(y, torch::tensor({0.0, 0.0, 0.5, 1.0, 1.0})));
  (y * torch::tensor({1.0, -1.0, 1.0, 1.0, -1.0})).sum().backward();  // descent goes against these signs
  EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({0.0, -1.0, 1.0, 1.0, 0.0})));
}

TEST(LogisticBits, AreTheIntegralsAndSumToOne) {
  const auto v = torch::arange(-80, 81, torch::kFloat32);
  for (const double scale : {0.3, 1.0, 5.0}) {
    const auto bits = logistic_bits(v, torch::full({1}, 0.25), torch::full({1}, scale));
    const auto near = (v - 0.25).abs() < 9 * scale + 1;
    EXPECT_NEAR((-bits * std::log(2.0)).exp().masked_select(near).sum().item<double>(), 1.0, 1e-3) << scale;
  }
  const auto at_mean = logistic_bits(torch::zeros({1}), torch::zeros({1}), torch::ones({1})).item<double>();
  EXPECT_NEAR(at_mean, -std::log2(std::tanh(0.25)), 1e-5);
}

TEST(LogisticBits, HaveTheGradientOfTheirValue) {
  torch::manual_seed(1);
  const auto v = torch::randn({50}, torch::kFloat64) * 3;
  const auto mean = torch::randn({50}, torch::kFloat64);
  const auto scale = torch::rand({50}, torch::kFloat64) * 2 + 2.5;  // nothing near the floor
  for (const int input : {0, 1, 2}) {
    std::vector<torch::Tensor> at{v.clone(), mean.clone(), scale.clone()};
    at[static_cast<std::size_t>(input)].set_requires_grad(true);
    logistic_bits(at[0], at[1], at[2]).sum().backward();
    const double h = 1e-5;
    std::vector<torch::Tensor> above{v, mean, scale}, below{v, mean, scale};
    above[static_cast<std::size_t>(input)] = above[static_cast<std::size_t>(input)] + h;
    below[static_cast<std::size_t>(input)] = below[static_cast<std::size_t>(input)] - h;
    const auto numeric =
        (logistic_bits(above[0], above[1], above[2]) - logistic_bits(below[0], below[1], below[2])) / (2 * h);
    const auto analytic = at[static_cast<std::size_t>(input)].grad();
    EXPECT_LT((numeric - analytic).abs().median().item<double>(), 1e-5) << "input " << input;
    EXPECT_TRUE(torch::allclose(numeric, analytic, 1e-3, 1e-3)) << "input " << input;
  }
}

TEST(Scales, AreThoseOfTheTables) {
  const auto scales = scale_of_index(torch::arange(64, torch::kFloat64));
  for (int i = 0; i < 64; ++i) {
    EXPECT_NEAR(scales[i].item<double>(), entropy::scale_at(i) * entropy::kLogisticScale, 1e-7);
  }
}

// As the encoder chooses with the density's own tables: rounded, or the integer before where that saves more.
TEST(ChosenSymbols, AreThoseOfLeastCost) {
  torch::manual_seed(3);
  for (const int table : {8, 16, 24, 40}) {
    const double scale = entropy::scale_at(table) * entropy::kLogisticScale;
    const auto d = (torch::rand({1, 2, 16, 16}) - 0.5) * 3;
    const auto index = torch::full_like(d, table);
    const auto symbols = choose_symbols(d, index);
    const auto cost = [&](const torch::Tensor& v) {
      return logistic_bits(v, torch::zeros({1}), torch::full({1}, scale)) +
             model::kErrorWeight * (d - v).square();
    };
    const auto towards_zero = [&](const torch::Tensor& v) { return v - v.sign(); };
    const auto nearest = d.round();
    const auto best =
        torch::where(cost(towards_zero(nearest)) < cost(nearest), towards_zero(nearest), nearest);
    const auto ones = d.abs() < 1.5;  // the dead zone of 1 is exact, that of larger ones taken from it
    EXPECT_TRUE(torch::equal(symbols.masked_select(ones), best.masked_select(ones))) << table;
    EXPECT_LE((symbols - d).abs().max().item<double>(), 1.5);
  }
  // Rare symbols are avoided, frequent ones are not.
  const auto d = torch::full({1, 1, 1, 2}, 0.6);
  const auto symbols = choose_symbols(d, torch::tensor({0.0F, 40.0F}).reshape({1, 1, 1, 2}));
  EXPECT_TRUE(torch::equal(symbols.flatten(), torch::tensor({0.0F, 1.0F})));
}

TEST(ChosenSymbols, PassTheGradientStraightThrough) {
  const auto d = torch::tensor({0.3F, -0.8F, 2.6F}).reshape({1, 3, 1, 1}).set_requires_grad(true);
  (choose_symbols(d, torch::full({1, 3, 1, 1}, 12)) * torch::tensor({1.0F, 2.0F, 3.0F}).reshape({1, 3, 1, 1}))
      .sum()
      .backward();
  EXPECT_TRUE(torch::equal(d.grad().flatten(), torch::tensor({1.0F, 2.0F, 3.0F})));
}

// Forward as in float32; the gradients within bfloat16's 8 bits.
TEST(Convolve, RoundsGradientsOnly) {
  torch::manual_seed(4);
  struct Shape {
    std::int64_t kernel, stride;
  };
  for (const auto [kernel, stride] : {Shape{1, 1}, Shape{3, 1}, Shape{5, 2}}) {
    const auto x0 = torch::randn({2, 8, 12, 12}).contiguous(at::MemoryFormat::ChannelsLast);
    const auto w0 = torch::randn({6, 8, kernel, kernel}), b0 = torch::randn({6});
    std::vector<torch::Tensor> results[2];
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      const GradientsIn gradients_in(type);
      auto x = x0.clone().requires_grad_(), w = w0.clone().requires_grad_(), b = b0.clone().requires_grad_();
      const auto out = convolve(x, w, b, stride);
      (out * out.detach().sin()).sum().backward();
      results[type == torch::kBFloat16] = {out, x.grad(), w.grad(), b.grad()};
    }
    EXPECT_TRUE(torch::equal(results[0][0], results[1][0]));
    for (std::size_t i = 1; i < 4; ++i) {
      const auto difference = (results[0][i] - results[1][i]).norm() / results[0][i].norm();
      EXPECT_LT(difference.item<double>(), 0.01) << i;
    }
    EXPECT_FALSE(torch::equal(results[0][2], results[1][2]));
  }
}

}  // namespace
}  // namespace vaec::nn
