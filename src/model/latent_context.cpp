#include "model/latent_context.hpp"

#include <algorithm>

#include "entropy/gaussian.hpp"
#include "model/tensor_values.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
entropy::ContextParameters LatentContextTensors::at(int level, int levels) const {
  const auto size = weights.size() / static_cast<std::size_t>(levels);
  return {std::span(weights).subspan(static_cast<std::size_t>(level) * size, size), expected};
}

LatentContextTensors load_latent_context(const SafeTensors& file, const PhotoConfig& config) {
  const std::vector<std::int64_t> of_weights{config.levels, entropy::kContextPasses,
                                             entropy::kContextNeighbours, config.latent},
      of_expected{entropy::kScaleCount};
  LatentContextTensors context{
      values_of<std::int8_t>(file.tensor(kContextWeights, DType::kI8, of_weights)),
      values_of<std::int32_t>(file.tensor(kContextExpected, DType::kI32, of_expected))};
  constexpr int kLargest = entropy::kMagnitudeMaximum * entropy::kMagnitudeUnit;
  if (std::any_of(context.expected.begin(), context.expected.end(),
                  [](std::int32_t v) { return v < 0 || v > kLargest; })) {
    throw Error(ErrorCode::kModel, "model: " + std::string(kContextExpected) + ": a value is not in 0.." +
                                       std::to_string(kLargest));
  }
  return context;
}

}  // namespace vaec::model
