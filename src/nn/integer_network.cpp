#include "nn/integer_network.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "model/hyper_layers.hpp"
#include "nn/layers.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

template <typename T>
std::vector<T> values_of(const torch::Tensor& tensor) {
  const auto dense = tensor.contiguous();
  return {dense.data_ptr<T>(), dense.data_ptr<T>() + dense.numel()};
}

model::HyperLayer plain(const IntegerLayer& layer) {
  const auto& w = layer.weight;
  if (w.dim() != 4 || w.size(2) != w.size(3)) {
    throw Error(ErrorCode::kModel, "integer network: the kernel must be square");
  }
  return {{w.size(1), w.size(0), w.size(2), layer.upsample},
          values_of<std::int8_t>(w),
          values_of<std::int32_t>(layer.bias),
          values_of<std::int32_t>(layer.multiplier),
          values_of<std::int32_t>(layer.shift),
          values_of<std::int32_t>(layer.minimum),
          values_of<std::int32_t>(layer.maximum)};
}

torch::Tensor broadcastable(const torch::Tensor& by_channel) { return by_channel.reshape({1, -1, 1, 1}); }

// The sums of one layer, in the number type of `evaluation`.
torch::Tensor accumulate(const IntegerLayer& layer, const torch::Tensor& x, Evaluation evaluation,
                         const torch::Tensor& float_weight, const torch::Tensor& float_bias) {
  const auto padding = layer.weight.size(2) / 2;
  switch (evaluation) {
    case Evaluation::kFloat32: {
      const auto in = x.to(torch::kFloat32).contiguous(at::MemoryFormat::ChannelsLast);
      return convolve(in, float_weight, float_bias);
    }
    case Evaluation::kFloat64:
      return torch::conv2d(x.to(torch::kFloat64), layer.weight.to(torch::kFloat64),
                           layer.bias.to(torch::kFloat64), 1, padding);
    case Evaluation::kInt32:
      break;
  }
  // Plain sums, tap by tap: slow, and plainly right.
  const auto in = torch::constant_pad_nd(x, {padding, padding, padding, padding});
  const auto h = x.size(2), w = x.size(3);
  auto sum = broadcastable(layer.bias).expand({x.size(0), -1, h, w}).clone();
  for (std::int64_t i = 0; i < layer.weight.size(2); ++i) {
    for (std::int64_t j = 0; j < layer.weight.size(3); ++j) {
      const auto window = in.slice(2, i, i + h).slice(3, j, j + w);
      const auto tap = layer.weight.select(3, j).select(2, i).to(torch::kInt32);  // [out, in]
      for (std::int64_t c = 0; c < x.size(1); ++c) {
        sum += window.slice(1, c, c + 1) * broadcastable(tap.select(1, c));
      }
    }
  }
  return sum;
}

// One position: floor((sum * multiplier + 2^(shift - 1)) / 2^shift), clamped. In double this is exact: the
// product has 39 bits, and with the half below its last bit at most 47.
void requantize_position(const float* sums, const double* factor, const double* low, const double* high,
                         std::int64_t channels, std::int32_t* to) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<std::int32_t>(std::min(std::max(value, low[c]), high[c]));
  }
}

torch::Tensor requantize(const torch::Tensor& sums, const Requantization& r) {
  const auto in = sums.permute({0, 2, 3, 1}).contiguous();  // channels innermost
  auto out = torch::empty(in.sizes(), torch::kInt32);
  const auto channels = in.size(3);
  const auto* from = in.data_ptr<float>();
  auto* to = out.data_ptr<std::int32_t>();
  at::parallel_for(0, in.numel() / channels, 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) {
      requantize_position(from + at * channels, r.factor.data(), r.low.data(), r.high.data(), channels,
                          to + at * channels);
    }
  });
  return out.permute({0, 3, 1, 2});
}

// The same in integers: sums [N, C, H, W] of type T.
template <typename T>
torch::Tensor requantize_in_integers(const torch::Tensor& sums, const IntegerLayer& layer) {
  const auto in = sums.permute({0, 2, 3, 1}).contiguous();
  auto out = torch::empty(in.sizes(), torch::kInt32);
  const auto channels = in.size(3);
  const auto* from = in.data_ptr<T>();
  auto* to = out.data_ptr<std::int32_t>();
  const auto *multiplier = layer.multiplier.data_ptr<std::int32_t>(),
             *shift = layer.shift.data_ptr<std::int32_t>();
  const auto *low = layer.minimum.data_ptr<std::int32_t>(), *high = layer.maximum.data_ptr<std::int32_t>();
  for (std::int64_t i = 0; i < in.numel(); ++i) {
    const auto c = i % channels;
    const auto half = std::int64_t{1} << (shift[c] - 1);
    const auto value = (static_cast<std::int64_t>(from[i]) * multiplier[c] + half) >> shift[c];
    to[i] = static_cast<std::int32_t>(std::clamp<std::int64_t>(value, low[c], high[c]));
  }
  return out.permute({0, 3, 1, 2});
}

}  // namespace

Requantization::Requantization(const IntegerLayer& layer) {
  for (std::int64_t c = 0; c < layer.multiplier.size(0); ++c) {
    factor.push_back(std::ldexp(layer.multiplier[c].item<int>(), -layer.shift[c].item<int>()));
    low.push_back(layer.minimum[c].item<int>());
    high.push_back(layer.maximum[c].item<int>());
  }
}

IntegerNetwork::IntegerNetwork(std::vector<IntegerLayer> layers, std::int64_t input_bound)
    : layers_(std::move(layers)), input_bound_(input_bound) {
  std::vector<model::HyperLayer> checked;
  for (const auto& layer : layers_) checked.push_back(plain(layer));
  model::check_hyper_layers(checked, input_bound);
  for (auto& layer : layers_) {
    for (auto* t :
         {&layer.weight, &layer.bias, &layer.multiplier, &layer.shift, &layer.minimum, &layer.maximum}) {
      *t = t->contiguous();
    }
    float_weights_.push_back(layer.weight.to(torch::kFloat32).contiguous(at::MemoryFormat::ChannelsLast));
    float_biases_.push_back(layer.bias.to(torch::kFloat32));
    requantizations_.emplace_back(layer);
  }
}

torch::Tensor IntegerNetwork::forward(const torch::Tensor& x, Evaluation evaluation) const {
  const torch::NoGradGuard no_grad;
  auto value = x;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    const auto sums = accumulate(layer, value, evaluation, float_weights_[i], float_biases_[i]);
    switch (evaluation) {
      case Evaluation::kFloat32:
        value = requantize(sums, requantizations_[i]);
        break;
      case Evaluation::kFloat64:
        value = requantize_in_integers<double>(sums, layer);
        break;
      case Evaluation::kInt32:
        value = requantize_in_integers<std::int32_t>(sums, layer);
        break;
    }
    if (layer.upsample > 1) value = depth_to_space(value, layer.upsample);
  }
  return value;
}

QuantizedConvImpl::QuantizedConvImpl(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                     std::int64_t upsample, double in_step, double in_bound,
                                     torch::Tensor out_step, torch::Tensor minimum, torch::Tensor maximum)
    : upsample_(upsample), in_step_(in_step), in_bound_(in_bound) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(in * kernel * kernel));
  weight = register_parameter("weight", torch::empty({out, in, kernel, kernel}).uniform_(-bound, bound));
  bias = register_parameter("bias", torch::empty({out}).uniform_(-bound, bound));
  out_step_ = register_buffer("out_step", std::move(out_step));
  minimum_ = register_buffer("minimum", std::move(minimum));
  maximum_ = register_buffer("maximum", std::move(maximum));
  low_ = minimum_.min().item<double>();
  high_ = maximum_.max().item<double>();
  clamps_ = minimum_.max().item<double>() == low_ && maximum_.min().item<double>() == high_;
}

torch::Tensor QuantizedConvImpl::weight_step() const {
  // Small enough for int8, and large enough that no sum can reach 2^24
  // (5% are left for the rounding of the weights).
  const auto w = weight.detach(), b = bias.detach();
  const auto by_range = w.abs().amax({1, 2, 3}) / 127;
  const auto by_sum =
      (w.abs().sum({1, 2, 3}) * in_bound_ + b.abs() / in_step_) / (model::kAccumulatorBound * 0.95);
  return torch::maximum(by_range, by_sum).clamp_min(1e-8);
}

torch::Tensor QuantizedConvImpl::forward(const torch::Tensor& x) {
  const auto step = weight_step();
  const auto w = round_straight_through(weight / step.reshape({-1, 1, 1, 1}));
  const auto b = round_straight_through(bias / (step * in_step_));
  const auto in = x.contiguous(at::MemoryFormat::ChannelsLast);
  const auto scaled = convolve(in, w, b) * broadcastable(step * in_step_ / out_step_);
  auto out = round_straight_through(scaled);
  if (clamps_) out = clamp_straight_through(out, low_, high_);
  return upsample_ > 1 ? depth_to_space(out, upsample_) : out;
}

IntegerLayer QuantizedConvImpl::quantized() const {
  const torch::NoGradGuard no_grad;
  const auto step = weight_step();
  IntegerLayer layer;
  layer.weight = (weight / step.reshape({-1, 1, 1, 1})).round().to(torch::kInt8).contiguous().cpu();
  layer.bias = (bias / (step * in_step_)).round().to(torch::kInt32).cpu();
  layer.minimum = minimum_.to(torch::kInt32).cpu();
  layer.maximum = maximum_.to(torch::kInt32).cpu();
  layer.upsample = upsample_;
  const auto ratio = (step.to(torch::kFloat64) * in_step_ / out_step_.to(torch::kFloat64)).cpu().contiguous();
  layer.multiplier = torch::zeros_like(layer.bias);
  layer.shift = torch::ones_like(layer.bias);
  for (std::int64_t c = 0; c < ratio.size(0); ++c) {
    const double r = ratio[c].item<double>();
    const int shift = std::clamp(model::kMultiplierBits - 1 - std::ilogb(r), 1, model::kShiftMax);
    layer.multiplier[c] =
        static_cast<int>(std::min<double>(std::nearbyint(std::ldexp(r, shift)), 1 << model::kMultiplierBits));
    layer.shift[c] = shift;
  }
  return layer;
}

void QuantizedConvImpl::set_from(const IntegerLayer& layer) {
  const torch::NoGradGuard no_grad;
  const auto ratio = torch::ldexp(layer.multiplier.to(torch::kFloat64), -layer.shift.to(torch::kFloat64));
  const auto step = (ratio * out_step_.to(torch::kFloat64).cpu() / in_step_).to(torch::kFloat32);
  weight.copy_(layer.weight.to(torch::kFloat32) * step.reshape({-1, 1, 1, 1}));
  bias.copy_(layer.bias.to(torch::kFloat32) * step * in_step_);
}

}  // namespace vaec::nn
