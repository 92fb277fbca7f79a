// Convolutional networks in integer arithmetic (Ballé, Johnston, Minnen 2019, "Integer Networks for Data
// Compression with Latent-Variable Models"): what decides a probability must be the same on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/torch.hpp"

namespace vaec::nn {

// One layer: convolution with int8 weights and zero padding, requantization,
// clamp, then depth_to_space (layers.hpp).
//
//   acc = bias + sum weight * x
//   out = clamp((acc * multiplier + 2^(shift - 1)) >> shift, minimum, maximum)
//
// |acc| < 2^24, so float32 holds every partial sum. `out` is computed in 64 bits, with an arithmetic shift.
struct IntegerLayer {
  torch::Tensor weight;       // int8 [out, in, k, k], k odd
  torch::Tensor bias;         // int32 [out]
  torch::Tensor multiplier;   // int32 [out], 0..2^15
  torch::Tensor shift;        // int32 [out], 1..46
  torch::Tensor minimum;      // int32 [out]
  torch::Tensor maximum;      // int32 [out]
  std::int64_t upsample = 1;  // depth_to_space's factor after the clamp
};

// What a model file holds. infer/hyper_synthesis.hpp computes it.
class IntegerNetwork {
 public:
  // Checks shapes, and for each layer sum|weight| * max|x| + |bias| < 2^24, where max|x| of the first layer
  // is `input_bound` and that of the others comes from the layer before. Throws Error kModel.
  IntegerNetwork(std::vector<IntegerLayer> layers, std::int64_t input_bound);

  [[nodiscard]] const std::vector<IntegerLayer>& layers() const { return layers_; }

 private:
  std::vector<IntegerLayer> layers_;
};

// A layer in training: float weights, quantized on the fly with a straight-through gradient, so that what is
// trained is what the integer layer computes (Jacob 2018).
// Values between layers are integers in float tensors.
class QuantizedConvImpl : public torch::nn::Module {
 public:
  // One step of the input is worth `in_step` in real units and lies in +-in_bound; one step of the output is
  // worth `out_step`; the integer layer clamps outputs to minimum..maximum (integers, by output channel). In
  // training they are clamped here when all channels have the same bounds, else by the caller.
  QuantizedConvImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t upsample,
                    double in_step, double in_bound, torch::Tensor out_step, torch::Tensor minimum,
                    torch::Tensor maximum);

  torch::Tensor forward(const torch::Tensor& x);  // float, integer-valued
  [[nodiscard]] IntegerLayer quantized() const;
  // Float weights that quantize to `layer`'s (its steps and clamps stay this layer's own). For fine-tuning.
  void set_from(const IntegerLayer& layer);

  torch::Tensor weight, bias;  // real units

 private:
  [[nodiscard]] torch::Tensor weight_step() const;  // [out]: what one int8 step is worth

  std::int64_t upsample_;
  double in_step_, in_bound_;
  torch::Tensor out_step_, minimum_, maximum_;
  bool clamps_;
  double low_ = 0, high_ = 0;
};
TORCH_MODULE(QuantizedConv);

}  // namespace vaec::nn
