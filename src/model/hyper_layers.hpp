// What the integer hyper-synthesis h_s looks like: the sizes and bounds that training and coding share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/photo_config.hpp"
#include "model/safetensors.hpp"

namespace vaec::model {

inline constexpr int kHyperMagnitude = 127;  // z^ lies in -127..127
inline constexpr int kMeanUnit = 16;         // means and the latent come in 1/16 of a rounding step
inline constexpr int kQualityCentre = 50;    // the quality enters h_s as the plane (quality - 50)
inline constexpr int kContextMaximum = 255;  // of |compand()|
inline constexpr int kFeatureMaximum = 255;  // of what ReLU leaves between the layers
inline constexpr int kMeanMaximum = 32767;   // of a mean's magnitude

// The five parts of h_s: part of the architecture.
inline constexpr const char* kHyperParts[] = {"trunk", "lf", "first", "context", "second"};

// Planes that part "lf" sees of each channel of the LF image: by how much the position to the right is above
// and below it, and the position below it likewise.
inline constexpr int kLfPlanes = 4;

// What one layer of h_s looks like; the whole of h_s follows from the configuration.
struct HyperLayerShape {
  std::int64_t in, out, kernel, upsample;  // `out`: before depth_to_space
};
// The layers of a part. Throws Error kInternal for another name.
[[nodiscard]] std::vector<HyperLayerShape> hyper_synthesis_shape(const PhotoConfig& config,
                                                                 const std::string& part);
// max|x| of a part's input.
[[nodiscard]] std::int64_t hyper_input_bound(const std::string& part);

// A layer: convolution with int8 weights and zero padding, requantization, clamp, then depth_to_space
// (Ballé 2019, "Integer Networks for Data Compression").
//
//   acc = bias + sum weight * x
//   out = clamp((acc * multiplier + 2^(shift - 1)) >> shift, minimum, maximum)
//
// |acc| < 2^24, so float32 holds every partial sum. `out` is computed in 64 bits, with an arithmetic shift.
struct HyperLayer {
  HyperLayerShape shape;
  std::vector<std::int8_t> weight;  // [out][in][kernel][kernel], kernel odd
  std::vector<std::int32_t> bias, multiplier, shift, minimum, maximum;  // [out] each
};

inline constexpr double kAccumulatorBound = 1 << 24;  // float32 counts exactly up to here
inline constexpr int kMultiplierBits = 15;            // multipliers lie in 0..2^15
inline constexpr int kShiftMax = 46;  // a product of 24 and 15 bits, and room for the rounding term

// Checks shapes, the ranges of the parameters, and for each layer sum|weight| * max|x| + |bias| < 2^24, where
// max|x| of the first layer is `input_bound` and that of the others comes from the layer before.
// Throws Error kModel.
void check_hyper_layers(std::span<const HyperLayer> layers, std::int64_t input_bound);

// The layers of a part, checked; what a part gives to others stays within its bounds, too.
// Throws Error kModel.
[[nodiscard]] std::vector<HyperLayer> load_hyper_layers(const SafeTensors& file, const PhotoConfig& config,
                                                        const std::string& part);
// The prefix of a layer's tensors in a model file.
[[nodiscard]] std::string hyper_layer_name(const std::string& part, std::size_t layer);

// The latent (1/16 units) as the context network sees it: a piecewise linear logarithm, like the A-law of
// ITU-T G.711. |v| counts as 2^18 - 1 at most.
//
//   |v| <= 32:                         v
//   32 * 2^k <= |v| < 32 * 2^(k + 1):  sign(v) * (32 + 16 k + ((|v| - 32 * 2^k) >> (k + 1)))
[[nodiscard]] std::int32_t compand(std::int32_t v);
inline constexpr int kLinearEnd = 32;  // compand(): linear up to here, two rounding steps
inline constexpr std::int32_t kCompandEnd = (1 << 18) - 1;

}  // namespace vaec::model
