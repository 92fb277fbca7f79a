// The colour space XYB, as SSIMULACRA2 scales it (eval/xyb.hpp), to train in.
#pragma once

#include "nn/torch.hpp"

namespace vaec::loss {

// sRGB [N, 3, H, W], taken for 0..1 -> linear light, and that -> XYB. Differentiable.
[[nodiscard]] torch::Tensor linear_light(const torch::Tensor& rgb);
[[nodiscard]] torch::Tensor xyb(const torch::Tensor& linear);

}  // namespace vaec::loss
