// The rate terms in training: bits of values under discretized densities.
#pragma once

#include <array>

#include "entropy/gaussian.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

// -log2 of a logistic density of `mean` and `scale` (not its standard deviation) integrated over
// [v - 1/2, v + 1/2], elementwise, with a floor on the probability where the codec would use its escape.
// `mean` and `scale` have v's shape or expand to it.
[[nodiscard]] torch::Tensor logistic_bits(const torch::Tensor& v, const torch::Tensor& mean,
                                          const torch::Tensor& scale);

// The logistic density's scale that belongs to a (real-valued) table index: its standard deviation is
// entropy::scale_at. With a gradient.
[[nodiscard]] torch::Tensor scale_of_index(const torch::Tensor& index);

// Symbols of a latent minus its predicted mean, coded with the tables `index` (whole numbers 0..63): rounded,
// but to the integer before where the bits that this saves are worth more than the error it adds, as the
// encoder chooses (model::kErrorWeight). The gradient passes straight through to `difference`.
[[nodiscard]] torch::Tensor choose_symbols(const torch::Tensor& difference, const torch::Tensor& index);

// Beyond 1/2 from 0, how far choose_symbols() keeps to zero with each table, [64]: the bits that lie between
// 1 and 0 in units of the error that they are worth.
[[nodiscard]] const std::array<float, entropy::kScaleCount>& dead_zones();
// The same for each index [N, C, H, W], float32, channels-last.
[[nodiscard]] torch::Tensor dead_zone(const torch::Tensor& index);

}  // namespace vaec::nn
