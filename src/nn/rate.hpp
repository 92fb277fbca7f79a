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

// How wide a bin, in rounding steps, counts the bits that symbols of a density take by their own best tables: a
// fit to logistic values quantized as the encoder does (docs/experiments.md), by the density's scale. Of values
// with uniform noise of this width, as in training: 1 where scales are small, the step of Q0 and Q1
// (entropy/dependent_quantizer.hpp) where they are large.
[[nodiscard]] torch::Tensor noise_width(const torch::Tensor& scale);
// Of decoded values; with dependent quantization bins are narrow where scales are small, since Q1 has no wide
// bin around 0.
[[nodiscard]] torch::Tensor bin_width(const torch::Tensor& scale, const torch::Tensor& index);

// What is decoded of a latent minus its predicted mean [N, C, H, W], in rounding steps, coded with the table
// indices `index` (whole numbers 0..63): chosen as the encoder does (entropy/symbol_choice.hpp), with the
// density's tables. The gradient passes straight through to `difference`.
[[nodiscard]] torch::Tensor quantize(const torch::Tensor& difference, const torch::Tensor& index);

// Beyond 1/2 from 0, how far the choice of whole symbols keeps to zero with each table, [64]: the bits that lie
// between 1 and 0 in units of the error that they are worth.
[[nodiscard]] const std::array<float, entropy::kScaleCount>& dead_zones();
// The same for each index [N, C, H, W], float32, channels-last.
[[nodiscard]] torch::Tensor dead_zone(const torch::Tensor& index);

}  // namespace vaec::nn
