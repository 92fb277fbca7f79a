// The weights of g_a and h_a as a model file holds them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "infer/conv.hpp"
#include "model/photo_config.hpp"
#include "model/safetensors.hpp"

namespace vaec::infer {

// Residual blocks at 1/4, 1/8 and 1/16 of the picture's resolution, and what leads down from 1/4 and from 1/8.
struct TransformWeights {
  ConvWeights linear, stem, last;
  std::array<std::vector<std::array<ConvWeights, 2>>, 3> blocks;
  std::array<ConvWeights, 2> between;
  std::optional<ConvWeights> skip;  // if the model has one
};

// Each throws Error kModel: a tensor missing, of another type or shape, with values that are not finite.
[[nodiscard]] TransformWeights load_analysis(const model::SafeTensors& file,
                                             const model::PhotoConfig& config);
[[nodiscard]] std::array<ConvWeights, 3> load_hyper_analysis(const model::SafeTensors& file,
                                                             const model::PhotoConfig& config);
// A tensor [levels][latent], as log_gain is.
[[nodiscard]] std::vector<float> load_log_gains(const model::SafeTensors& file, const std::string& name,
                                                const model::PhotoConfig& config);

// Gains at a quality (1..100), interpolated in the log domain: [latent].
[[nodiscard]] std::vector<float> interpolate_gain(const std::vector<float>& log_anchors, int quality,
                                                  const model::PhotoConfig& config);
// A 1x1 convolution without its last input channel, the quality plane: that is constant over a picture, so
// its part goes into the bias, bias + centred_quality * quality_weight.
[[nodiscard]] ConvWeights without_quality(const ConvWeights& weights, std::vector<float>& quality_weight);
// The quality as the networks see it, in -1..1.
[[nodiscard]] float centred_quality(int quality);

}  // namespace vaec::infer
