// What a photo model's loss counts as distortion (model::Distortion), of pictures.
#pragma once

#include "model/photo_config.hpp"
#include "nn/torch.hpp"

namespace vaec::loss {

// The smallest side of crops that `distortion` can be measured on.
[[nodiscard]] std::int64_t smallest_crop(const model::Distortion& distortion);

// Of each picture, [N]. x_hat, x: float32 [N, 3, H, W], x in 0..1, sides multiples of 64. Differentiable.
[[nodiscard]] torch::Tensor distortion(const model::Distortion& weights, const torch::Tensor& x_hat,
                                       const torch::Tensor& x);

}  // namespace vaec::loss
