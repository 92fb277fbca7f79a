// Whether all of a model's values lie in a range.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace vaec::model {

[[nodiscard]] inline bool all_in(std::span<const std::int32_t> values, std::int32_t low, std::int32_t high) {
  return std::all_of(values.begin(), values.end(), [=](auto v) { return low <= v && v <= high; });
}

}  // namespace vaec::model
