// What a model file says of entropy::HyperPredictor:
//   "hyper.means"     int32 [levels, hyper], in 1/16
//   "hyper.expected"  int32 [levels, hyper], in 1/256
//   "hyper.weights"   int8 [levels, neighbours, hyper]
#pragma once

#include <cstdint>
#include <vector>

#include "entropy/hyper_predictor.hpp"
#include "model/photo_config.hpp"
#include "model/safetensors.hpp"

namespace vaec::model {

struct HyperTensors {
  std::vector<std::int32_t> means, expected;
  std::vector<std::int8_t> weights;

  // Those of a level of the quality (nearest_level()), out of `levels`. Borrows this object.
  [[nodiscard]] entropy::HyperParameters at(int level, int levels) const;
};

inline constexpr const char *kHyperMeans = "hyper.means", *kHyperExpected = "hyper.expected",
                            *kHyperWeights = "hyper.weights";

// Throws Error kModel: one is missing, of another type or shape, a value out of its range.
[[nodiscard]] HyperTensors load_hyper_tensors(const SafeTensors& file, const PhotoConfig& config);

}  // namespace vaec::model
