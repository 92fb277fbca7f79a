#include "nn/integer_network.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "model/hyper_layers.hpp"
#include "nn/layers.hpp"
#include "nn/tensor_io.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

model::HyperLayer plain(const IntegerLayer& layer) {
  const auto& w = layer.weight;
  if (w.dim() != 4 || w.size(2) != w.size(3)) {
    throw Error(ErrorCode::kModel, "integer network: the kernel must be square");
  }
  return {{w.size(1), w.size(0), w.size(2), layer.upsample},
          dense_values<std::int8_t>(w),
          dense_values<std::int32_t>(layer.bias),
          dense_values<std::int32_t>(layer.multiplier),
          dense_values<std::int32_t>(layer.shift),
          dense_values<std::int32_t>(layer.minimum),
          dense_values<std::int32_t>(layer.maximum)};
}

torch::Tensor broadcastable(const torch::Tensor& by_channel) { return by_channel.reshape({1, -1, 1, 1}); }

}  // namespace

IntegerNetwork::IntegerNetwork(std::vector<IntegerLayer> layers, std::int64_t input_bound)
    : layers_(std::move(layers)) {
  std::vector<model::HyperLayer> checked;
  for (const auto& layer : layers_) checked.push_back(plain(layer));
  model::check_hyper_layers(checked, input_bound);
  for (auto& layer : layers_) {
    for (auto* t :
         {&layer.weight, &layer.bias, &layer.multiplier, &layer.shift, &layer.minimum, &layer.maximum}) {
      *t = t->contiguous();
    }
  }
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
