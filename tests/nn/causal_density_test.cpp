// The densities of the LF image and of the hyper-latent: what a value costs follows from those before it alone, and
// over all values its probabilities add up to one.
#include "nn/causal_density.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "nn/torch.hpp"

namespace vaec::nn {
namespace {

constexpr std::int64_t kLength = 5;

// Of the last value of a row or column of one channel, whatever the others are: what it costs is the difference that it
// makes, whose probabilities add up to 1 only if those before cost the same with and without it.
double sum_of_probabilities(torch::Tensor v, std::int64_t dim,
                            const std::function<double(const torch::Tensor&)>& bits) {
  const double before = bits(v.slice(dim, 0, kLength - 1));
  double sum = 0;
  for (int value = -400; value <= 400; ++value) {
    v.select(dim, kLength - 1).fill_(value);
    sum += std::exp2(before - bits(v));
  }
  return sum;
}

model::PhotoConfig of_one_channel() {
  model::PhotoConfig config;
  config.lf = {0};
  config.hyper = 1;
  return config;
}

torch::Tensor line(std::int64_t dim) {
  const auto values = torch::tensor({7.0F, -2.0F, 3.0F, 3.0F, 0.0F});
  return dim == 2 ? values.reshape({1, 1, kLength, 1}) : values.reshape({1, 1, 1, kLength});
}

TEST(CausalDensity, OfTheLfImageAddsUpToOne) {
  const torch::NoGradGuard no_grad;
  LfDensity density(of_one_channel());
  for (const std::int64_t dim : {2, 3}) {
    EXPECT_NEAR(sum_of_probabilities(line(dim), dim,
                                     [&](const torch::Tensor& v) { return density->bits(v).item<double>(); }),
                1, 0.01)
        << dim;
  }
}

TEST(CausalDensity, OfTheHyperLatentAddsUpToOne) {
  const torch::NoGradGuard no_grad;
  HyperDensity density(of_one_channel());
  density->weight.fill_(0.25);
  density->mean.fill_(1.5);
  const auto level = torch::zeros({1}, torch::kInt64);
  for (const std::int64_t dim : {2, 3}) {
    EXPECT_NEAR(
        sum_of_probabilities(line(dim), dim,
                             [&](const torch::Tensor& v) { return density->bits(v, level).item<double>(); }),
        1, 0.01)
        << dim;
  }
}

// An even ground costs far less than noise of the same spread, in any channel.
TEST(CausalDensity, KnowsWhatIsSmooth) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  model::PhotoConfig config;
  LfDensity density(config);
  const auto channels = static_cast<std::int64_t>(config.lf.size());
  const auto ramp = torch::arange(16, torch::kFloat32).reshape({1, 1, 1, 16}).expand({1, channels, 16, 16});
  const auto noise = (torch::randn({1, channels, 16, 16}) * 4.6).round();  // the ramp's standard deviation
  EXPECT_LT(density->bits(ramp).item<double>(), 0.5 * density->bits(noise).item<double>());
}

}  // namespace
}  // namespace vaec::nn
