// Iterative inference (Yang 2020, "Improving Inference for Neural Image Compression"): the latent of one
// picture, bettered by gradient descent on rate + lambda * distortion through the decoder. The distortion is what the model was trained for.
#pragma once

#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// `y`: float32 [1, latent, rows, columns] in rounding steps of `quality`, what g_a gives for the picture. g_s
// computes in `precision`. Gives the refined one. The network's parameters need no gradients; it is not
// changed, so that several threads may share it. Deterministic for one machine. Memory: some 400 MB beyond
// `y`, 1300 with a model that was not trained for squared error alone. Throws Error kInterrupted.
[[nodiscard]] torch::Tensor refine(nn::TwoLevelVaeImpl& vae, const ImageView& image, const torch::Tensor& y,
                                   int quality, int steps, torch::ScalarType precision = torch::kFloat32);

}  // namespace vaec::codec
