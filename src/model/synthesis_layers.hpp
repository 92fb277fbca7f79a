// The integer synthesis transform g_s as a model file holds it (docs/format.md, section 10): the same pixels on every
// machine.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/photo_config.hpp"
#include "model/safetensors.hpp"

namespace vaec::model {

inline constexpr int kPixelUnit = 64;                      // g_s counts in 1/64 of a code value of 8 bits
inline constexpr int kPixelCentre = 255 * kPixelUnit / 2;  // what 0 of both branches together stands for
// Between the two convolutions of a residual block.
inline constexpr int kHiddenMinimum = -25, kHiddenMaximum = 230;
inline constexpr int kMultiplierShift = 15;  // multipliers of the streams count in 1/2^15
// The slope of LeakyReLU below zero, over 2^kSlopeShift: 0.1016.
inline constexpr int kIntegerSlope = 13, kSlopeShift = 7;

// Rounds to nearest, halves up. 2^15 - 1 and less as a factor.
[[nodiscard]] constexpr std::int32_t multiplied(std::int32_t value, std::int32_t multiplier) {
  return (value * multiplier + (1 << (kMultiplierShift - 1))) >> kMultiplierShift;
}
[[nodiscard]] constexpr std::int32_t leaky(std::int32_t value) {
  return value < 0 ? (value * kIntegerSlope + (1 << (kSlopeShift - 1))) >> kSlopeShift : value;
}

// A convolution of bytes with zero padding, and what becomes of its sums:
//   acc = bias + sum weight * x
//   v   = multiplied(min(max(acc >> shift, -32768), 32767), multiplier)
// No sum over bytes can reach 2^24, so that float32 holds them; two neighbouring channels' weights of one tap are at most
// 128 together, so that sums of two products of bytes stay within 16 bits.
struct SynthesisLayer {
  int in = 0, out = 0, kernel = 1;
  // Of a residual stream x in 8 bits: multiplied(x, input[c]), bounded to -128..127; else of what a block's first
  // convolution gives, kHiddenMinimum..kHiddenMaximum.
  bool sees_stream = true;
  std::vector<std::int8_t> weight;       // [out][in][kernel][kernel]
  std::vector<std::int32_t> bias;        // [out]
  std::vector<std::int32_t> multiplier;  // [out], 0..32767
  std::int32_t shift = 0;                // 0..24
  std::vector<std::int32_t> input;       // [in], 0..32767; of a stream only
};

// A convolution of values of 16 bits with weights of 16 bits: min(max(acc >> shift, -32768), 32767). No acc leaves 32 bits.
struct WideLayer {
  int in = 0, out = 0, kernel = 1;
  std::vector<std::int16_t> weight;  // [out][in][kernel][kernel], -32767..32767
  std::vector<std::int32_t> bias;    // [out]
  std::int32_t shift = 0;            // 0..24
};

// y, what linear and stem see, of a latent in 1/16 of a rounding step:
//   min(max((latent * gain[quality - 1][c] + 2^(shift[c] - 1)) >> shift[c], -32768), 32767)
struct LatentGain {
  std::vector<std::int32_t> gain;   // [100][latent], 0..2^20
  std::vector<std::int32_t> shift;  // [latent], 1..40
};

struct SynthesisLayers {
  LatentGain gain;
  WideLayer linear;  // gives 768 samples in kPixelUnit, (row * 16 + column) * 3 + c
  WideLayer stem;
  std::vector<std::int32_t>
      stem_quality;  // [out]: (2 * quality - 101) times this is added to the stem's bias
  std::array<std::vector<std::array<SynthesisLayer, 2>>, 3> blocks;  // at 1/4, 1/8, 1/16
  std::array<SynthesisLayer, 2> up;                                  // from 1/16 and from 1/8
  std::optional<WideLayer> skip;
  WideLayer last;
};

// The name of a layer's tensors begins with this, then as those of the float network, "stages.3.first", then
// ".weight" and so on.
inline constexpr const char* kSynthesisPrefix = "integer_g_s.";

// The layers with their names, of both kinds. Layers: SynthesisLayers or const SynthesisLayers.
template <typename Layers, typename Use>
void for_each_layer(Layers& layers, const Use& use) {
  int stage = 0;
  const auto next = [&] { return "stages." + std::to_string(stage++); };
  use(std::string("linear"), layers.linear);
  use(std::string("stem"), layers.stem);
  for (const std::size_t scale : {2, 1, 0}) {
    if (scale == 0 && layers.skip) use(std::string("skip"), *layers.skip);
    for (auto& block : layers.blocks[scale]) {
      const auto name = next();
      use(name + ".first", block[0]);
      use(name + ".second", block[1]);
    }
    if (scale > 0) use(next(), layers.up[2 - scale]);
  }
  use(std::string("last"), layers.last);
}

// Sizes filled in, all values empty.
[[nodiscard]] SynthesisLayers synthesis_shape(const PhotoConfig& config);
// Throws Error kModel: sizes that do not fit, a value out of its range, a sum that could leave its bounds.
void check_synthesis(const SynthesisLayers& layers, const PhotoConfig& config);
// The same, and for a tensor that is missing or of another type.
[[nodiscard]] SynthesisLayers load_synthesis_layers(const SafeTensors& file, const PhotoConfig& config);

}  // namespace vaec::model
