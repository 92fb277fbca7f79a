// The integer networks computed plainly, through LibTorch and over the whole picture: what the kernels of
// infer and the trained layers are compared with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "entropy/lf_precision.hpp"
#include "nn/hyper_synthesis.hpp"
#include "nn/layers.hpp"

namespace vaec::nn {

// What the sums are formed in. All give the same result.
enum class Sums { kFloat32, kFloat64, kInt32 };

// Plain sums, tap by tap: slow, and plainly right. x: int32 [1, C, H, W].
inline torch::Tensor integer_sums(const IntegerLayer& layer, const torch::Tensor& x) {
  const auto padding = layer.weight.size(2) / 2, h = x.size(2), w = x.size(3);
  const auto in = torch::constant_pad_nd(x, {padding, padding, padding, padding});
  auto sum = layer.bias.reshape({1, -1, 1, 1}).expand({x.size(0), -1, h, w}).clone();
  for (std::int64_t i = 0; i < layer.weight.size(2); ++i) {
    for (std::int64_t j = 0; j < layer.weight.size(3); ++j) {
      const auto window = in.slice(2, i, i + h).slice(3, j, j + w);
      const auto tap = layer.weight.select(3, j).select(2, i).to(torch::kInt32);  // [out, in]
      for (std::int64_t c = 0; c < x.size(1); ++c) {
        sum += window.slice(1, c, c + 1) * tap.select(1, c).reshape({1, -1, 1, 1});
      }
    }
  }
  return sum;
}

inline torch::Tensor sums_of(const IntegerLayer& layer, const torch::Tensor& x, Sums sums) {
  if (sums == Sums::kInt32) return integer_sums(layer, x);
  if (sums == Sums::kFloat32) {  // as in training
    return convolve(x.to(torch::kFloat32).contiguous(at::MemoryFormat::ChannelsLast),
                    layer.weight.to(torch::kFloat32).contiguous(at::MemoryFormat::ChannelsLast),
                    layer.bias.to(torch::kFloat32));
  }
  return torch::conv2d(x.to(torch::kFloat64), layer.weight.to(torch::kFloat64),
                       layer.bias.to(torch::kFloat64), 1, layer.weight.size(2) / 2);
}

// Sums [N, C, H, W] of integers in any type -> int32.
inline torch::Tensor requantized(const torch::Tensor& sums, const IntegerLayer& layer) {
  const auto in = sums.permute({0, 2, 3, 1}).contiguous().to(torch::kInt64);
  auto out = torch::empty(in.sizes(), torch::kInt32);
  const auto channels = in.size(3);
  const auto* from = in.data_ptr<std::int64_t>();
  auto* to = out.data_ptr<std::int32_t>();
  const auto *multiplier = layer.multiplier.data_ptr<std::int32_t>(),
             *shift = layer.shift.data_ptr<std::int32_t>();
  const auto *low = layer.minimum.data_ptr<std::int32_t>(), *high = layer.maximum.data_ptr<std::int32_t>();
  for (std::int64_t i = 0; i < in.numel(); ++i) {
    const auto c = i % channels;
    const auto half = std::int64_t{1} << (shift[c] - 1);
    const auto value = (from[i] * multiplier[c] + half) >> shift[c];
    to[i] = static_cast<std::int32_t>(std::clamp<std::int64_t>(value, low[c], high[c]));
  }
  return out.permute({0, 3, 1, 2});
}

// x: int32 [N, C, H, W] -> int32 [N, C', H', W'].
inline torch::Tensor computed(const IntegerNetwork& network, const torch::Tensor& x, Sums sums) {
  const torch::NoGradGuard no_grad;
  auto value = x;
  for (const auto& layer : network.layers()) {
    value = requantized(sums_of(layer, value, sums), layer);
    if (layer.upsample > 1) value = depth_to_space(value, layer.upsample);
  }
  return value;
}

// model::compand() on a tensor of int32.
inline torch::Tensor compand(const torch::Tensor& v) {
  auto out = v.clone();  // in the order of its memory, whatever it is
  if (!out.is_non_overlapping_and_dense()) out = out.contiguous();
  auto* values = out.data_ptr<std::int32_t>();
  for (std::int64_t i = 0; i < out.numel(); ++i) values[i] = model::compand(values[i]);
  return out;
}

// As lf_slopes(), in int32, plainly.
inline torch::Tensor computed_slopes(const torch::Tensor& lf) {
  const auto channels = lf.size(1), rows = lf.size(2), columns = lf.size(3);
  auto slopes = torch::zeros({1, model::kLfPlanes * channels, rows, columns}, torch::kInt32);
  const auto in = lf.accessor<std::int32_t, 4>();
  auto out = slopes.accessor<std::int32_t, 4>();
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t y = 0; y < rows; ++y) {
      for (std::int64_t x = 0; x < columns; ++x) {
        const auto put = [&](std::int64_t plane, std::int32_t there) {
          const auto slope = model::compand(model::kMeanUnit / entropy::kLfUnit * (there - in[0][c][y][x]));
          out[0][model::kLfPlanes * c + plane + (slope < 0 ? 1 : 0)][y][x] = std::abs(slope);
        };
        if (x + 1 < columns) put(0, in[0][c][y][x + 1]);
        if (y + 1 < rows) put(2, in[0][c][y + 1][x]);
      }
    }
  }
  return slopes;
}

// As HyperSynthesis' functions of these names, in int32.
inline torch::Tensor computed_features(const IntegerHyperSynthesis& h_s, const torch::Tensor& z_and_quality,
                                       const torch::Tensor& lf, Sums sums) {
  const auto drawn = computed(h_s.part("trunk"), z_and_quality, sums);
  return torch::cat({drawn.slice(2, 0, lf.size(2)).slice(3, 0, lf.size(3)),
                     computed(h_s.part("lf"), computed_slopes(lf), sums)},
                    1);
}
inline torch::Tensor computed_first_pass(const IntegerHyperSynthesis& h_s, const torch::Tensor& features,
                                         Sums sums) {
  return computed(h_s.part("first"), features, sums);
}
inline torch::Tensor computed_second_pass(const IntegerHyperSynthesis& h_s, const torch::Tensor& features,
                                          const torch::Tensor& first, const torch::Tensor& latent,
                                          Sums sums) {
  const auto context = computed(h_s.part("context"), compand(latent), sums);
  auto prediction = computed(h_s.part("second"), torch::cat({features, context}, 1), sums);
  const auto channels = first.size(1) / 2;
  prediction.slice(1, 0, channels).add_(first.slice(1, 0, channels));  // the means add up
  return prediction;
}

}  // namespace vaec::nn
