#include "nn/integer_ops.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace vaec::nn::integer_ops {
namespace {

constexpr std::int64_t kLow = -32768, kHigh = 32767;

// [C] -> [1, C, 1, 1], float64, of any integers.
template <typename T>
torch::Tensor by_channel(const T* values, std::size_t count) {
  auto made = torch::empty({1, static_cast<std::int64_t>(count), 1, 1}, torch::kFloat64);
  std::copy_n(values, count, made.data_ptr<double>());
  return made;
}
torch::Tensor by_channel(const std::vector<std::int32_t>& values) {
  return by_channel(values.data(), values.size());
}

// Sums of bytes are exact in float32, which is much faster.
template <typename Layer>
torch::Tensor convolved(const Layer& layer, const torch::Tensor& x) {
  const auto type = std::is_same_v<Layer, model::SynthesisLayer> ? torch::kFloat32 : torch::kFloat64;
  auto weight = torch::empty({layer.out, layer.in, layer.kernel, layer.kernel}, torch::kFloat64);
  std::copy(layer.weight.begin(), layer.weight.end(), weight.template data_ptr<double>());
  const auto sums = torch::conv2d(x.to(type), weight.to(type), {}, 1, layer.kernel / 2);
  return sums.to(torch::kFloat64) + by_channel(layer.bias);
}

torch::Tensor multiplied(const torch::Tensor& x, const torch::Tensor& multiplier) {
  return ((x * multiplier + (1 << (model::kMultiplierShift - 1))) / (1 << model::kMultiplierShift)).floor();
}

torch::Tensor shifted(const torch::Tensor& x, int shift) { return (x / std::ldexp(1.0, shift)).floor(); }

torch::Tensor scaled_sums(const model::SynthesisLayer& layer, const torch::Tensor& sums) {
  return multiplied(sixteen(shifted(sums, layer.shift)), by_channel(layer.multiplier));
}

}  // namespace

torch::Tensor sixteen(const torch::Tensor& x) { return x.clamp(kLow, kHigh); }

torch::Tensor activated(const torch::Tensor& stream) {
  const auto below =
      shifted(stream * model::kIntegerSlope + (1 << (model::kSlopeShift - 1)), model::kSlopeShift);
  return torch::where(stream < 0, below, stream);
}

torch::Tensor scale(const model::LatentGain& gain, const torch::Tensor& y, int quality) {
  const auto latent = gain.shift.size();
  const auto factor =
      by_channel(gain.gain.data() + static_cast<std::size_t>(quality - kMinQuality) * latent, latent);
  const auto unit = torch::pow(2.0, by_channel(gain.shift));
  return sixteen(((y.to(torch::kFloat64) * factor + unit / 2) / unit).floor());
}

torch::Tensor wide(const model::WideLayer& layer, const torch::Tensor& x,
                   const std::vector<std::int32_t>& added, int times) {
  auto sums = convolved(layer, x);
  if (!added.empty()) sums = sums + times * by_channel(added);
  return sixteen(shifted(sums, layer.shift));
}

torch::Tensor seen(const model::SynthesisLayer& layer, const torch::Tensor& stream) {
  return multiplied(stream, by_channel(layer.input)).clamp(-128, 127);
}

torch::Tensor sums(const model::SynthesisLayer& layer, const torch::Tensor& x) { return convolved(layer, x); }

torch::Tensor put(const model::SynthesisLayer& layer, const torch::Tensor& sums) {
  return scaled_sums(layer, sums);
}

torch::Tensor hidden(const model::SynthesisLayer& layer, const torch::Tensor& sums) {
  return activated(scaled_sums(layer, sums)).clamp(model::kHiddenMinimum, model::kHiddenMaximum);
}

torch::Tensor add(const model::SynthesisLayer& layer, const torch::Tensor& sums,
                  const torch::Tensor& stream) {
  return sixteen(stream + scaled_sums(layer, sums));
}

}  // namespace vaec::nn::integer_ops
