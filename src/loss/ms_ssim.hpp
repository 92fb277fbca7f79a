// MS-SSIM (Wang 2003) as something to train on.
#pragma once

#include "nn/torch.hpp"

namespace vaec::loss {

inline constexpr std::int64_t kSmallestMsSsimCrop = 192;  // five halvings of it still hold the 11x11 window

// The MS-SSIM of each picture, [N]: mean over the channels of five scales, Gaussian window 11x11 with
// sigma 1.5. a, b: float32 [N, C, H, W] in 0..1, sides multiples of 16 and at least kSmallestMsSsimCrop.
// Equals eval::ms_ssim on what both can measure; differentiable.
[[nodiscard]] torch::Tensor ms_ssim(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace vaec::loss
