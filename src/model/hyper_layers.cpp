#include "model/hyper_layers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "model/all_in.hpp"
#include "model/tensor_values.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
namespace {

constexpr int kLastScale = 63;

void check(bool good, std::size_t layer, const std::string& what) {
  if (!good) throw Error(ErrorCode::kModel, "integer network, layer " + std::to_string(layer) + ": " + what);
}

// Largest magnitude of the sums before rescaling.
double largest_sum(const HyperLayer& layer, double input_bound) {
  const auto out = layer.bias.size(), taps = layer.weight.size() / out;
  double largest = 0;
  for (std::size_t o = 0; o < out; ++o) {
    double sum = 0;
    for (std::size_t i = 0; i < taps; ++i) sum += std::abs(static_cast<double>(layer.weight[o * taps + i]));
    largest = std::max(largest, sum * input_bound + std::abs(static_cast<double>(layer.bias[o])));
  }
  return largest;
}

double largest_output(const HyperLayer& layer) {
  double largest = 0;
  for (const auto* values : {&layer.minimum, &layer.maximum}) {
    for (const auto v : *values) largest = std::max(largest, std::abs(static_cast<double>(v)));
  }
  return largest;
}

template <typename T>
std::vector<T> tensor_of(const SafeTensors& file, const std::string& name, DType dtype,
                         const std::vector<std::int64_t>& shape) {
  return values_of<T>(file.tensor(name, dtype, shape));
}

// What the coder and the other parts rely on.
void check_part(const std::string& part, const HyperLayer& last) {
  if (part == "trunk" || part == "lf" || part == "context") {
    if (!all_in(last.minimum, 0, kFeatureMaximum) || !all_in(last.maximum, 0, kFeatureMaximum)) {
      throw Error(ErrorCode::kModel, "model: h_s: features may leave 0..255");
    }
    return;
  }
  const auto latent = last.minimum.size() / 2;
  if (!all_in(std::span(last.minimum).subspan(latent), 0, kLastScale) ||
      !all_in(std::span(last.maximum).subspan(latent), 0, kLastScale)) {
    throw Error(ErrorCode::kModel, "model: h_s: scale indices may leave 0..63");
  }
  if (!all_in(last.minimum, -kMeanMaximum, kMeanMaximum) ||
      !all_in(last.maximum, -kMeanMaximum, kMeanMaximum)) {
    throw Error(ErrorCode::kModel, "model: h_s: means may leave -32767..32767");
  }
}

}  // namespace

void check_hyper_layers(std::span<const HyperLayer> layers, std::int64_t input_bound) {
  auto bound = static_cast<double>(input_bound);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& layer = layers[i];
    const auto& s = layer.shape;
    check(s.in > 0 && s.out > 0 && s.kernel > 0 && s.kernel % 2 == 1, i, "the kernel must be square and odd");
    check(layer.weight.size() == static_cast<std::size_t>(s.out * s.in * s.kernel * s.kernel), i,
          "its weights do not fit its shape");
    check(s.out % (s.upsample * s.upsample) == 0, i, "channels do not fit the upsampling");
    if (i > 0) {
      const auto& before = layers[i - 1].shape;
      check(before.out / (before.upsample * before.upsample) == s.in, i,
            "channels do not fit the layer before");
    }
    for (const auto* v : {&layer.bias, &layer.multiplier, &layer.shift, &layer.minimum, &layer.maximum}) {
      check(v->size() == static_cast<std::size_t>(s.out), i, "a parameter has not one value a channel");
    }
    check(largest_sum(layer, bound) < kAccumulatorBound, i, "a sum could reach 2^24");
    check(all_in(layer.multiplier, 0, 1 << kMultiplierBits), i, "a multiplier is not in 0..2^15");
    check(all_in(layer.shift, 1, kShiftMax), i, "a shift is not in 1..46");
    for (std::size_t c = 0; c < layer.minimum.size(); ++c) {
      check(layer.minimum[c] <= layer.maximum[c], i, "a minimum is above its maximum");
    }
    bound = largest_output(layer);
  }
}

std::string hyper_layer_name(const std::string& part, std::size_t layer) {
  return "h_s." + part + std::to_string(layer) + ".";
}

std::vector<HyperLayer> load_hyper_layers(const SafeTensors& file, const PhotoConfig& config,
                                          const std::string& part) {
  std::vector<HyperLayer> layers;
  for (const auto& s : hyper_synthesis_shape(config, part)) {
    const auto name = hyper_layer_name(part, layers.size());
    const auto integers = [&](const char* what) {
      return tensor_of<std::int32_t>(file, name + what, DType::kI32, {s.out});
    };
    layers.push_back(
        {s, tensor_of<std::int8_t>(file, name + "weight", DType::kI8, {s.out, s.in, s.kernel, s.kernel}),
         integers("bias"), integers("multiplier"), integers("shift"), integers("minimum"),
         integers("maximum")});
  }
  check_hyper_layers(layers, hyper_input_bound(part));
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (!all_in(layers[i].minimum, 0, kFeatureMaximum) || !all_in(layers[i].maximum, 0, kFeatureMaximum)) {
      throw Error(ErrorCode::kModel, "model: h_s: features may leave 0..255");
    }
  }
  check_part(part, layers.back());
  return layers;
}

std::vector<HyperLayerShape> hyper_synthesis_shape(const PhotoConfig& config, const std::string& part) {
  const std::int64_t width = config.hyper_width, narrow = config.context_width, out = 2 * config.latent,
                     features = width + config.lf_width;
  if (part == "trunk")
    return {{config.hyper + 1, 4 * width, 3, 2}, {width, 4 * width, 3, 2}, {width, width, 3, 1}};
  if (part == "lf") return {{kLfPlanes * static_cast<std::int64_t>(config.lf.size()), config.lf_width, 3, 1}};
  if (part == "first") return {{features, out, 1, 1}};
  if (part == "context") return {{config.latent, narrow, 3, 1}};
  if (part == "second") return {{features + narrow, width, 1, 1}, {width, out, 1, 1}};
  throw Error(ErrorCode::kInternal, "h_s has no part " + part);
}

std::int64_t hyper_input_bound(const std::string& part) {
  if (part == "trunk") return kHyperMagnitude;
  return part == "context" ? kContextMaximum : kFeatureMaximum;
}

std::int32_t compand(std::int32_t v) {
  const auto u = static_cast<std::uint32_t>(
      std::min(v < 0 ? -static_cast<std::int64_t>(v) : v, static_cast<std::int64_t>(kCompandEnd)));
  if (u <= kLinearEnd) return v;
  const int k = std::bit_width(u) - std::bit_width(static_cast<unsigned>(kLinearEnd));
  const auto c = static_cast<std::int32_t>(32 + 16 * k + ((u - (32U << k)) >> (k + 1)));
  return v < 0 ? -c : c;
}

}  // namespace vaec::model
