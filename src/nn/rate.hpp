// The rate terms in training: bits of values under discretized densities.
#pragma once

#include <torch/torch.h>

namespace vaec::nn {

// -log2 of N(mean, scale^2) integrated over [v - 1/2, v + 1/2], elementwise, with a floor on the probability
// where the codec would use its escape.
[[nodiscard]] torch::Tensor gaussian_bits(const torch::Tensor& v, const torch::Tensor& mean,
                                          const torch::Tensor& scale);

// The same for the logistic density.
[[nodiscard]] torch::Tensor logistic_bits(const torch::Tensor& v, const torch::Tensor& mean,
                                          const torch::Tensor& scale);

// The scale of a (real-valued) table index: entropy::scale_at with a gradient.
[[nodiscard]] torch::Tensor scale_of_index(const torch::Tensor& index);

}  // namespace vaec::nn
