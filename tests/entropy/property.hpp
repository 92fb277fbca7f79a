// What the property tests of the entropy room share: a fixed seed, random tables, random symbols.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "entropy/frequency_table.hpp"

namespace vaec::entropy {

// Every run checks the same cases, unless RC_PARAMS says otherwise. RapidCheck reads it at the first check.
inline const bool kSeeded = setenv("RC_PARAMS", "seed=1", 0) == 0;

// Any shape from flat to one value that owns nearly everything;
// its support holds 1 to about 4 * `size` values.
inline FrequencyTable random_table(std::mt19937& random, int size) {
  const int count = std::uniform_int_distribution(1, 1 + 4 * size)(random);
  const double skew = std::uniform_real_distribution(0.0, 12.0)(random);
  std::vector<double> weights(static_cast<std::size_t>(count) + 1);
  for (double& weight : weights) {
    weight = std::exp(skew * std::normal_distribution<double>()(random));
  }
  const int first = std::uniform_int_distribution(-2 * count, count)(random);
  return {first, quantize_probabilities(weights)};
}

// A value drawn by the table's own frequencies; an escaped one is a little or very far outside.
inline std::int32_t random_symbol(std::mt19937& random, const FrequencyTable& table) {
  const auto frequencies = table.frequencies();
  std::uint32_t unit = std::uniform_int_distribution<std::uint32_t>(0, 0xFFFF)(random);
  std::int32_t index = 0;
  while (unit >= frequencies[static_cast<std::size_t>(index)]) {
    unit -= frequencies[static_cast<std::size_t>(index++)];
  }
  if (index + 1 < static_cast<std::int32_t>(frequencies.size())) return table.first() + index;
  const int bits = std::uniform_int_distribution(0, 23)(random);
  const std::int32_t distance = std::uniform_int_distribution(1, 1 << bits)(random);
  return random() % 2 == 0 ? table.first() - distance : table.first() + index - 1 + distance;
}

}  // namespace vaec::entropy
