// SSIMULACRA2 (eval/ssimulacra2.hpp) as something to train on.
#pragma once

#include "nn/torch.hpp"

namespace vaec::loss {

inline constexpr std::int64_t kSmallestSsimulacra2Crop = 64;
inline constexpr double kPowersFloor = 1e-20;  // of a mean of fourth powers: its root has no gradient at zero

// The sum of weighted errors that the score of each picture is made of, [N]; 0 for equal pictures, 3 at a score of about
// 70, 6 at 50. a, b: float32 [N, 3, H, W] in 0..1, sides multiples of 32. Differentiable; on whole
// pictures what eval::ssimulacra2 finds, but for the rounding there.
[[nodiscard]] torch::Tensor ssimulacra2_error(const torch::Tensor& a, const torch::Tensor& b);

// The same as a composition of LibTorch's operations: for a GPU, and for gradients by `a`.
[[nodiscard]] torch::Tensor composed_ssimulacra2_error(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace vaec::loss
