#include "model/synthesis_layers.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <span>
#include <type_traits>

#include "model/all_in.hpp"
#include "model/tensor_values.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
namespace {

constexpr std::int64_t kBytesBound = std::int64_t{1} << 24, kByteMaximum = 255;
constexpr std::int64_t kSixteenMaximum = 32768;
constexpr std::int64_t kSumBound = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kMultiplierMaximum = (1 << kMultiplierShift) - 1, kShiftBound = 24;
constexpr std::int32_t kGainMaximum = 1 << 20, kGainShiftMaximum = 40;
constexpr int kPairMaximum = 128;
constexpr int kQualityReach = kMaxQuality - kMinQuality;  // of 2 * quality - 101
constexpr const char *kShape = "its values do not fit its shape", *kShift = "its shift is not in 0..24",
                     *kSums = "a sum could leave 32 bits";
constexpr int kBlock = 3 * kLatentStride * kLatentStride, kCell = 3 * 4 * 4;

void check(bool good, const std::string& name, const std::string& what) {
  if (!good) throw Error(ErrorCode::kModel, "model: integer g_s, " + name + ": " + what);
}

void check_layer(const std::string& name, const SynthesisLayer& layer) {
  const auto in = static_cast<std::size_t>(layer.in), out = static_cast<std::size_t>(layer.out),
             taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
  check(layer.weight.size() == in * out * taps && layer.bias.size() == out &&
            layer.multiplier.size() == out && layer.input.size() == (layer.sees_stream ? in : 0),
        name, kShape);
  check(all_in(layer.multiplier, 0, kMultiplierMaximum), name, "a multiplier is not in 0..32767");
  check(all_in(layer.input, 0, kMultiplierMaximum), name, "an input's multiplier is not in 0..32767");
  check(layer.shift >= 0 && layer.shift <= kShiftBound, name, kShift);
  for (std::size_t o = 0; o < out; ++o) {
    const auto* w = layer.weight.data() + o * in * taps;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < in * taps; ++i) sum += std::abs(int{w[i]});
    check(sum * kByteMaximum < kBytesBound, name, "a sum could reach 2^24");
    check(sum * kByteMaximum + std::abs(std::int64_t{layer.bias[o]}) <= kSumBound, name, kSums);
    for (std::size_t i = 0; i + 1 < in; i += 2) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        check(std::abs(int{w[i * taps + tap]}) + std::abs(int{w[(i + 1) * taps + tap]}) <= kPairMaximum, name,
              "two neighbouring weights are more than 128 together");
      }
    }
  }
}

// `added`: to each bias, at most.
void check_layer(const std::string& name, const WideLayer& layer, std::span<const std::int32_t> added = {}) {
  const auto out = static_cast<std::size_t>(layer.out),
             values = static_cast<std::size_t>(layer.in * layer.kernel * layer.kernel);
  check(layer.weight.size() == values * out && layer.bias.size() == out, name, kShape);
  check(layer.shift >= 0 && layer.shift <= kShiftBound, name, kShift);
  for (std::size_t o = 0; o < out; ++o) {
    std::int64_t sum = std::abs(std::int64_t{layer.bias[o]});
    if (!added.empty()) sum += kQualityReach * std::abs(std::int64_t{added[o]});
    for (std::size_t i = 0; i < values; ++i) {
      const int w = layer.weight[o * values + i];
      check(w > -kSixteenMaximum, name, "a weight is -32768");
      sum += std::abs(w) * kSixteenMaximum;
    }
    check(sum <= kSumBound, name, kSums);
  }
}

void check_gain(const LatentGain& gain, const PhotoConfig& config) {
  const auto latent = static_cast<std::size_t>(config.latent);
  check(gain.gain.size() == latent * kMaxQuality && gain.shift.size() == latent, "gain", kShape);
  check(all_in(gain.gain, 0, kGainMaximum), "gain", "one is not in 0..2^20");
  check(all_in(gain.shift, 1, kGainShiftMaximum), "gain", "a shift is not in 1..40");
}

}  // namespace

SynthesisLayers synthesis_shape(const PhotoConfig& config) {
  const auto& c = config.synthesis;
  const auto layer = [](int in, int out, int kernel, bool sees_stream) {
    SynthesisLayer made;
    made.in = in;
    made.out = out;
    made.kernel = kernel;
    made.sees_stream = sees_stream;
    return made;
  };
  SynthesisLayers layers;
  layers.linear = {config.latent, kBlock, 1, {}, {}, 0};
  layers.stem = {config.latent, c.channels[2], 1, {}, {}, 0};
  for (std::size_t scale = 0; scale < 3; ++scale) {
    const int channels = c.channels[scale];
    for (int i = 0; i < c.blocks[scale]; ++i) {
      layers.blocks[scale].push_back(
          {layer(channels, channels, 3, true), layer(channels, channels, 3, false)});
    }
    if (scale > 0) layers.up[2 - scale] = layer(channels, 4 * c.channels[scale - 1], 1, true);
  }
  if (c.skip) layers.skip = WideLayer{kCell, c.channels[0], 3, {}, {}, 0};
  layers.last = {c.channels[0], kCell, 3, {}, {}, 0};
  return layers;
}

void check_synthesis(const SynthesisLayers& layers, const PhotoConfig& config) {
  check_gain(layers.gain, config);
  check(layers.stem_quality.size() == static_cast<std::size_t>(layers.stem.out), "stem", kShape);
  for_each_layer(layers, [](const std::string& name, const auto& layer) { check_layer(name, layer); });
  check_layer("stem", layers.stem, layers.stem_quality);
}

SynthesisLayers load_synthesis_layers(const SafeTensors& file, const PhotoConfig& config) {
  const std::string prefix = kSynthesisPrefix;
  const auto integers = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    return values_of<std::int32_t>(file.tensor(prefix + name, DType::kI32, shape));
  };
  auto layers = synthesis_shape(config);
  layers.gain.gain = integers("gain", {kMaxQuality, config.latent});
  layers.gain.shift = integers("gain_shift", {config.latent});
  layers.stem_quality = integers("stem.quality", {layers.stem.out});
  for_each_layer(layers, [&](const std::string& name, auto& layer) {
    constexpr bool kIsWide = std::is_same_v<std::remove_reference_t<decltype(layer)>, WideLayer>;
    const std::vector<std::int64_t> shape{layer.out, layer.in, layer.kernel, layer.kernel};
    const auto& weight = file.tensor(prefix + name + ".weight", kIsWide ? DType::kI16 : DType::kI8, shape);
    layer.weight = values_of<typename decltype(layer.weight)::value_type>(weight);
    layer.bias = integers(name + ".bias", {layer.out});
    layer.shift = integers(name + ".shift", {1}).front();
    if constexpr (!kIsWide) {
      layer.multiplier = integers(name + ".multiplier", {layer.out});
      if (layer.sees_stream) layer.input = integers(name + ".input", {layer.in});
    }
  });
  check_synthesis(layers, config);
  return layers;
}

}  // namespace vaec::model
