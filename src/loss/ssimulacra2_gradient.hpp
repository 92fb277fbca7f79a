// SSIMULACRA2's error of one picture with its gradient, in one go: several times as fast on a CPU as LibTorch's tensors, which
// pass over memory for every operation.
#pragma once

#include <cstdint>

namespace vaec::loss {

// The sum of weighted errors (ssimulacra2.hpp) of `b`, a picture of `a`: float32 planes [3, H, W] in 0..1 (what lies beyond is
// clamped), sides multiples of 32. Its gradient by `b`, of the same shape, goes to `gradient`, unless that is null.
[[nodiscard]] double ssimulacra2_error(const float* a, const float* b, std::int64_t height,
                                       std::int64_t width, float* gradient);

}  // namespace vaec::loss
