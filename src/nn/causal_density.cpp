#include "nn/causal_density.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "entropy/hyper_predictor.hpp"
#include "nn/rate.hpp"

namespace vaec::nn {
namespace {

// The values one column to the left (dx = -1) or to the right (1), `edge` [.., 1] where there are none.
torch::Tensor beside(const torch::Tensor& v, int dx, const torch::Tensor& edge) {
  return dx < 0 ? torch::cat({edge, v.slice(3, 0, -1)}, 3) : torch::cat({v.slice(3, 1), edge}, 3);
}
// The values one row above, `edge` where there are none.
torch::Tensor above(const torch::Tensor& v, const torch::Tensor& edge) {
  return torch::cat({edge, v.slice(2, 0, -1)}, 2);
}

constexpr int kTaps = 6, kSpread = 5;

// Left, above, above to the left and to the right, two to the left, two above: with the coder's rules at the
// borders, but nothing (0) before the first value.
std::array<torch::Tensor, kTaps> before(const torch::Tensor& v) {
  const auto first_row = torch::constant_pad_nd(v.slice(2, 0, 1).slice(3, 0, -1), {1, 0});
  const auto north = above(v, first_row);
  const auto west = beside(v, -1, north.slice(3, 0, 1)), far_west = beside(west, -1, west.slice(3, 0, 1)),
             north_west = above(beside(v, -1, v.slice(3, 0, 1)), first_row),
             north_east = above(beside(v, 1, v.slice(3, -1)), first_row),
             far_north = above(north, north.slice(2, 0, 1));
  return {west, north, north_west, north_east, far_west, far_north};
}

torch::Tensor by_channel(const torch::Tensor& values) { return values.reshape({1, -1, 1, 1}); }

}  // namespace

LfDensityImpl::LfDensityImpl(const model::PhotoConfig& config)
    : channels_(static_cast<std::int64_t>(config.lf.size())) {
  // About what least squares give on photographs.
  const auto taps = torch::tensor({0.75F, 0.75F, -0.45F, 0.1F, -0.1F, -0.05F});
  taps_ = register_parameter("taps", taps.unsqueeze(0).repeat({channels_, 1}));
  from_before_ = register_parameter("from_before", torch::zeros({channels_, channels_}));
  log_floor_ = register_parameter("log_floor", torch::full({channels_}, std::log(0.1F)));
  log_spread_ = register_parameter("log_spread", torch::full({channels_, kSpread}, std::log(0.1F)));
  log_before_ = register_parameter("log_before", torch::full({channels_, channels_}, std::log(0.03F)));
}

torch::Tensor LfDensityImpl::bits(const torch::Tensor& v) {
  const auto near = before(v);
  torch::Tensor mean;
  for (int k = 0; k < kTaps; ++k) {
    const auto part = near[static_cast<std::size_t>(k)] * by_channel(taps_.select(1, k));
    mean = k == 0 ? part : mean + part;
  }
  // The channels one after the other: each sees how far off those before it are.
  std::vector<torch::Tensor> means, errors;
  for (std::int64_t c = 0; c < channels_; ++c) {
    auto here = mean.slice(1, c, c + 1);
    for (std::int64_t b = 0; b < c; ++b)
      here = here + from_before_[c][b] * errors[static_cast<std::size_t>(b)];
    means.push_back(here);
    errors.push_back(v.slice(1, c, c + 1) - here);
  }
  const auto off = torch::cat(errors, 1).abs();
  const auto off_near = before(off);
  auto scale = by_channel(log_floor_.exp());
  for (int k = 0; k < kSpread; ++k) {
    scale = scale + off_near[static_cast<std::size_t>(k)] * by_channel(log_spread_.select(1, k).exp());
  }
  const auto share = log_before_.exp().tril(-1);
  scale = scale + torch::einsum("cb,nbhw->nchw", {share, off});
  return logistic_bits(v, torch::cat(means, 1), scale).sum({1, 2, 3});
}

HyperDensityImpl::HyperDensityImpl(const model::PhotoConfig& config) {
  mean = register_parameter("mean", torch::zeros({config.levels, config.hyper}));
  log_scale = register_parameter("log_scale", torch::zeros({config.levels, config.hyper}));
  weight =
      register_parameter("weight", torch::zeros({config.levels, config.hyper, entropy::kHyperNeighbours}));
  auto decay = torch::zeros({config.hyper, config.hyper});
  for (int c = 0; c < config.hyper; ++c) {
    for (int b = 0; b < c; ++b) decay[c][b] = std::pow(15.0 / 16, c - 1 - b);
  }
  decay_ = register_buffer("decay", decay);
}

torch::Tensor HyperDensityImpl::bits(const torch::Tensor& v, const torch::Tensor& level) {
  const auto of_level = [&](const torch::Tensor& by_level) {
    return by_level.index_select(0, level).unsqueeze(2).unsqueeze(3);
  };
  constexpr double kBias = 0.3;  // what is met with no evidence at all
  const auto middle = of_level(mean), scale = of_level(log_scale).exp();
  const auto near = [](const torch::Tensor& x) {  // 0 outside the picture
    const auto padded = torch::constant_pad_nd(x, {1, 1, 1, 0});
    const auto h = x.size(2), w = x.size(3);
    const auto at = [&](std::int64_t row, std::int64_t column) {
      return padded.slice(2, row, row + h).slice(3, column, column + w);
    };
    return std::array<torch::Tensor, entropy::kHyperNeighbours>{at(1, 0), at(0, 1), at(0, 0), at(0, 2)};
  };
  const auto residuals = near(v - middle);
  auto predicted = middle;
  for (std::size_t n = 0; n < residuals.size(); ++n) {
    predicted = predicted + residuals[n] * of_level(weight.select(2, static_cast<std::int64_t>(n)));
  }
  const auto met_with = [&](const torch::Tensor& x) {
    const auto around = near(x);
    return 2 * (around[0] + around[1]) + around[2] + around[3] + torch::einsum("cb,nbhw->nchw", {decay_, x}) +
           kBias;
  };
  const auto off = (v - predicted).abs();
  // A logistic density's mean error is its scale times 2 ln 2.
  const auto due = (scale * (2 * std::numbers::ln2)).expand_as(v);
  return logistic_bits(v, predicted, scale * met_with(off) / met_with(due)).sum({1, 2, 3});
}

}  // namespace vaec::nn
