// The steps of the integer g_s (model/synthesis_layers.hpp), on float64 tensors [N, C, h, w] of integers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/synthesis_layers.hpp"
#include "nn/torch.hpp"

namespace vaec::nn::integer_ops {

// Integers as float64 [n].
template <typename T>
[[nodiscard]] torch::Tensor tensor_of(const std::vector<T>& values) {
  auto made = torch::empty({static_cast<std::int64_t>(values.size())}, torch::kFloat64);
  std::copy(values.begin(), values.end(), made.template data_ptr<double>());
  return made;
}

[[nodiscard]] torch::Tensor sixteen(const torch::Tensor& x);  // bounded to 16 bits
[[nodiscard]] torch::Tensor activated(const torch::Tensor& stream);

// y in 1/16 of a rounding step -> of 16 bits.
[[nodiscard]] torch::Tensor scale(const model::LatentGain& gain, const torch::Tensor& y, int quality);

// What a layer gives, `times` `added` added to its bias.
[[nodiscard]] torch::Tensor wide(const model::WideLayer& layer, const torch::Tensor& x,
                                 const std::vector<std::int32_t>& added = {}, int times = 0);

// What a layer sees of a stream.
[[nodiscard]] torch::Tensor seen(const model::SynthesisLayer& layer, const torch::Tensor& stream);
// With the bias.
[[nodiscard]] torch::Tensor sums(const model::SynthesisLayer& layer, const torch::Tensor& x);
// What becomes of them.
[[nodiscard]] torch::Tensor put(const model::SynthesisLayer& layer, const torch::Tensor& sums);
[[nodiscard]] torch::Tensor hidden(const model::SynthesisLayer& layer, const torch::Tensor& sums);
[[nodiscard]] torch::Tensor add(const model::SynthesisLayer& layer, const torch::Tensor& sums,
                                const torch::Tensor& stream);

}  // namespace vaec::nn::integer_ops
