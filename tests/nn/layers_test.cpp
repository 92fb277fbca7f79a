#include "nn/layers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/symbol_choice.hpp"
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

// Of scales below entropy::kDependentScale, as the encoder chooses with the density's own tables: rounded, or the
// integer before where that saves more.
TEST(Quantize, TakesWholeValuesOfLeastCost) {
  torch::manual_seed(3);
  for (const int table : {4, 8, 11}) {
    const double scale = entropy::scale_at(table) * entropy::kLogisticScale;
    const auto d = (torch::rand({1, 2, 16, 16}) - 0.5) * 3;
    const auto values = quantize(d, torch::full_like(d, table));
    const auto cost = [&](const torch::Tensor& v) {
      return logistic_bits(v, torch::zeros({1}), torch::full({1}, scale)) +
             entropy::kErrorWeight * (d - v).square();
    };
    const auto towards_zero = [&](const torch::Tensor& v) { return v - v.sign(); };
    const auto nearest = d.round();
    const auto best =
        torch::where(cost(towards_zero(nearest)) < cost(nearest), towards_zero(nearest), nearest);
    // Equal but for what the tables' rounding decides.
    EXPECT_LT((cost(values) - cost(best)).max().item<double>(), 0.1) << table;
    EXPECT_GT(values.eq(best).to(torch::kFloat32).mean().item<double>(), 0.98) << table;
  }
}

// Of larger ones the values lie on the lattice of 9/16, and closer to what they stand for than whole ones.
TEST(Quantize, ChainsLargerScales) {
  torch::manual_seed(4);
  const auto d = torch::randn({2, 300, 4, 4}) * 6;
  const auto values = quantize(d, torch::full_like(d, 40));
  const auto on_lattice = values * 16 / 9;
  EXPECT_TRUE(torch::equal(on_lattice, on_lattice.round()));
  EXPECT_LT((values - d).square().mean().item<double>(), 1.0 / 12);
  // Each position by itself, in order of channels.
  const auto alone = quantize(d.slice(0, 1).slice(2, 2, 3).slice(3, 1, 2), torch::full({1, 300, 1, 1}, 40));
  EXPECT_TRUE(torch::equal(alone, values.slice(0, 1).slice(2, 2, 3).slice(3, 1, 2)));
}

TEST(Quantize, PassesTheGradientStraightThrough) {
  const auto d = torch::tensor({0.3F, -0.8F, 2.6F}).reshape({1, 3, 1, 1}).set_requires_grad(true);
  const auto index = torch::tensor({5.0F, 20.0F, 40.0F}).reshape({1, 3, 1, 1});
  (quantize(d, index) * torch::tensor({1.0F, 2.0F, 3.0F}).reshape({1, 3, 1, 1})).sum().backward();
  EXPECT_TRUE(torch::equal(d.grad().flatten(), torch::tensor({1.0F, 2.0F, 3.0F})));
}

// Training that went wrong must reach the check of its loss.
TEST(Quantize, TakesWhatIsNoNumber) {
  const auto nan = torch::full({1, 4, 2, 2}, std::nan(""));
  EXPECT_NO_THROW((void)quantize(nan, nan));
}

// Logistic values of one scale, quantized with tables that were counted of such values.
struct Coding {
  torch::Tensor values, decoded;
  double bits = 0;  // a value
};
Coding code_logistic(int index) {
  constexpr std::int64_t kPositions = 400, kChannels = 250;
  const double scale = entropy::scale_at(index) * entropy::kLogisticScale;
  torch::manual_seed(5);
  Coding coding;
  coding.values = torch::rand({kPositions, kChannels}, torch::kFloat64).clamp(1e-9, 1 - 1e-9).logit() * scale;
  const auto values = coding.values.to(torch::kFloat32).contiguous();
  coding.decoded = torch::zeros({kPositions, kChannels}, torch::kFloat64);
  std::array<std::array<double, entropy::kCountedMagnitudes>, 2> counts{};
  for (int round = 0; round < 4; ++round) {
    std::vector<entropy::FrequencyTable> tables;
    for (const auto quantizer : {entropy::Quantizer::kQ0, entropy::Quantizer::kQ1}) {
      const auto& met = counts[quantizer == entropy::Quantizer::kQ1];
      const auto data = entropy::symbol_table(met, entropy::scale_at(index), 100, quantizer);
      tables.emplace_back(data.first, data.frequencies);
    }
    const entropy::SymbolBits bits(tables);
    counts = {};
    coding.bits = 0;
    entropy::Trellis trellis;
    for (std::int64_t p = 0; p < kPositions; ++p) {
      trellis.begin(entropy::kTrellisErrorWeight);
      for (std::int64_t c = 0; c < kChannels; ++c) {
        trellis.add(values.data_ptr<float>()[p * kChannels + c], bits[0], bits[1]);
      }
      entropy::QuantizerChain chain;
      std::int64_t c = 0;
      for (const auto symbol : trellis.finish()) {
        const auto quantizer = chain.next(index);
        const bool second = quantizer == entropy::Quantizer::kQ1;
        coding.decoded[p][c++] = entropy::value_of(symbol, quantizer) / double{entropy::kValueUnit};
        coding.bits += tables[second].bits(symbol) / (kPositions * kChannels);
        ++counts[second][std::min<std::size_t>(static_cast<std::size_t>(std::abs(symbol)), 63)];
        chain.put(symbol, quantizer);
      }
    }
  }
  return coding;
}

TEST(Widths, CountWhatSymbolsTake) {
  for (const int index : {12, 15, 20, 28, 36}) {
    const auto coding = code_logistic(index);
    const auto at = torch::tensor(double(index), torch::kFloat64), scale = scale_of_index(at);
    const auto bits = [&](const torch::Tensor& v, const torch::Tensor& width) {
      return logistic_bits(v / width, torch::zeros({1}, torch::kFloat64), scale / width)
          .mean()
          .item<double>();
    };
    const auto noise = noise_width(scale);
    const auto noisy = coding.values + noise * (torch::rand_like(coding.values) - 0.5);
    EXPECT_NEAR(bits(noisy, noise), coding.bits, 0.06 * coding.bits) << index;
    EXPECT_NEAR(bits(coding.decoded, bin_width(scale, at)), coding.bits, 0.02 * coding.bits) << index;
  }
  // Whole symbols: bins of a step.
  const auto small = torch::tensor(11.0);
  EXPECT_EQ(bin_width(scale_of_index(small), small).item<double>(), 1);
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
