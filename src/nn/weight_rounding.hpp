// Weights of a convolution as whole numbers of 8 bits, as the integer g_s has them (model::SynthesisLayer).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "nn/torch.hpp"

namespace vaec::nn {

// What the integers of a convolution are worth, float64: a step of input i is worth in[i], one of the sum of output o
// sum[o]. Inputs are low to high steps.
struct WeightGrid {
  torch::Tensor in, sum;
  int low = 0, high = 0;

  // Of the weight from i to o, [out, in, 1, 1].
  [[nodiscard]] torch::Tensor step() const { return sum.reshape({-1, 1, 1, 1}) / in.reshape({1, -1, 1, 1}); }
};

// Of all convolutions of g_s that have weights of 8 bits, by name, and what a step of its residual streams is worth, at
// 1/4, 1/8 and 1/16.
struct SynthesisGrid {
  std::array<double, 3> stream{};
  std::map<std::string, WeightGrid> layers;
};

// As named tensors, for a checkpoint, and back.
[[nodiscard]] std::map<std::string, torch::Tensor> tensors_of(const SynthesisGrid& grid);
[[nodiscard]] SynthesisGrid grid_from(
    const std::map<std::string, torch::Tensor>& tensors);  // throws Error kModel

// Weights [out, in, k, k] as integers: the nearest ones, but two neighbouring inputs' are at most 128
// together: the larger gives way, or of equal ones the first.
[[nodiscard]] torch::Tensor on_grid(const torch::Tensor& weight, const WeightGrid& grid);

// The least that a step of the sums may be worth, [out], for weights [out, in, taps] in steps of their inputs.
[[nodiscard]] torch::Tensor least_weight_step(const torch::Tensor& weight);

struct RoundedWeights {
  torch::Tensor weight, bias;  // float64 of integers [out, in * taps], not rounded [out]
};

// Rounds so that weights to follow make up for the errors of those before (Frantar 2022, "GPTQ"). best: [out, in * taps +
// extra], the last one the bias; products: [in * taps + extra]^2, of what they are multiplied with; step: [out].
[[nodiscard]] RoundedWeights round_weights(const torch::Tensor& best, const torch::Tensor& products,
                                           const torch::Tensor& step, std::int64_t in);

}  // namespace vaec::nn
