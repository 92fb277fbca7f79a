// What a model file says of entropy::LatentContext:
//   "context.weights"   int8 [levels, passes, neighbours, latent]
//   "context.expected"  int32 [64]
#pragma once

#include <cstdint>
#include <vector>

#include "entropy/latent_context.hpp"
#include "model/photo_config.hpp"
#include "model/safetensors.hpp"

namespace vaec::model {

struct LatentContextTensors {
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> expected;

  // Those of a level of the quality (nearest_level()), out of `levels`. Borrows this object.
  [[nodiscard]] entropy::ContextParameters at(int level, int levels) const;
};

inline constexpr const char* kContextWeights = "context.weights";
inline constexpr const char* kContextExpected = "context.expected";

// Throws Error kModel: one is missing, of another type or shape, an expectation outside
// 0..kMagnitudeMaximum * kMagnitudeUnit.
[[nodiscard]] LatentContextTensors load_latent_context(const SafeTensors& file, const PhotoConfig& config);

}  // namespace vaec::model
