#include "model/hyper_tensors.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "model/tensor_values.hpp"
#include "vaec/error.hpp"

namespace vaec::model {

entropy::HyperParameters HyperTensors::at(int level, int levels) const {
  const auto part = [&](const auto& values) {
    const auto size = values.size() / static_cast<std::size_t>(levels);
    return std::span(values).subspan(static_cast<std::size_t>(level) * size, size);
  };
  return {part(means), part(expected), part(weights)};
}

HyperTensors load_hyper_tensors(const SafeTensors& file, const PhotoConfig& config) {
  const std::array<std::int64_t, 2> by_channel{config.levels, config.hyper};
  const std::array<std::int64_t, 3> by_neighbour{config.levels, entropy::kHyperNeighbours, config.hyper};
  const auto integers = [&](const char* name, std::int32_t low, std::int32_t high) {
    auto values = values_of<std::int32_t>(file.tensor(name, DType::kI32, by_channel));
    if (std::any_of(values.begin(), values.end(), [&](auto v) { return v < low || v > high; })) {
      throw Error(ErrorCode::kModel, "model: " + std::string(name) + ": a value is not in " +
                                         std::to_string(low) + ".." + std::to_string(high));
    }
    return values;
  };
  constexpr std::int32_t kMean = entropy::kHyperMaximum * entropy::kPredictionUnit;
  return {integers(kHyperMeans, -kMean, kMean), integers(kHyperExpected, 1, entropy::kHyperExpectedMaximum),
          values_of<std::int8_t>(file.tensor(kHyperWeights, DType::kI8, by_neighbour))};
}

}  // namespace vaec::model
