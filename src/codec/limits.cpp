#include "codec/limits.hpp"

#include <string>

#include "vaec/error.hpp"

namespace vaec::codec {

void check_limits(std::uint32_t width, std::uint32_t height, const Limits& limits) {
  if (width > limits.max_side || height > limits.max_side ||
      std::uint64_t{width} * height > limits.max_pixels) {
    throw Error(ErrorCode::kLimit, "image of " + std::to_string(width) + "x" + std::to_string(height) +
                                       " pixels is over the limits of " + std::to_string(limits.max_side) +
                                       " a side and " + std::to_string(limits.max_pixels) + " pixels");
  }
}

void check_effort(int effort) {
  if (effort < kMinEffort || effort > kMaxEffort) {
    throw Error(ErrorCode::kUsage, "effort " + std::to_string(effort) + ", expected 1..9");
  }
}

}  // namespace vaec::codec
