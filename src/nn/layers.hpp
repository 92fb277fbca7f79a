// Building blocks of the transforms. Tensors are [N, C, H, W]; they run fastest in channels-last memory.
#pragma once

#include <optional>

#include "nn/torch.hpp"
#include "nn/weight_rounding.hpp"

namespace vaec::nn {

// The type that convolve() computes gradients in, in this thread, for as long as it lives: that of the
// forward pass (float32), or bfloat16, which is twice as fast where the processor has it, and far more
// precise than the gradient of a batch is.
class GradientsIn {
 public:
  explicit GradientsIn(torch::ScalarType precision);
  ~GradientsIn();
  GradientsIn(const GradientsIn&) = delete;
  GradientsIn& operator=(const GradientsIn&) = delete;

 private:
  torch::ScalarType before_;
};

// A convolution in float32 that keeps the size at stride 1 (zero padding). x: channels-last, weight:
// [out, in, k, k], k odd.
[[nodiscard]] torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                                     const torch::Tensor& bias, std::int64_t stride = 1);

// A 3x3 or 1x1 convolution that keeps the size (zero padding) and computes in its input's floating-point
// type: with a bf16 input the float32 weights are rounded on the way.
class Conv2dImpl : public torch::nn::Module {
 public:
  Conv2dImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1);
  torch::Tensor forward(const torch::Tensor& x);
  void zero();  // weights and bias to zero
  // Once: from now on inputs and weights are used in whole steps; gradients pass straight through.
  void set_grid(const WeightGrid& grid);
  // The weights as they are used.
  [[nodiscard]] torch::Tensor rounded() const;
  // Computes what `other` computes, which may have fewer channels: outputs beyond its own start at random,
  // and so does what they are made of; its own outputs do not see the inputs beyond its own. Channels are
  // counted in `out_groups` and `in_groups` equal runs (depth_to_space, space_to_depth), each of which grows.
  // Throws Error kModel: `other` has more channels.
  void grow_from(const Conv2dImpl& other, std::int64_t out_groups = 1, std::int64_t in_groups = 1);

  torch::Tensor weight, bias;

 private:
  std::int64_t stride_, padding_;
  std::optional<WeightGrid> grid_;
};
TORCH_MODULE(Conv2d);

// x + conv(leaky_relu(conv(x))), 3x3.
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);
  void silence();                                  // to the identity
  void grow_from(const ResidualBlockImpl& other);  // as Conv2d does

 private:
  Conv2d first_{nullptr}, second_{nullptr};
};
TORCH_MODULE(ResidualBlock);

[[nodiscard]] torch::Tensor activation(const torch::Tensor& x);  // LeakyReLU, slope 0.1

// Rounds; the gradient passes straight through (Bengio 2013).
[[nodiscard]] torch::Tensor round_straight_through(const torch::Tensor& x);
// Clamps; the gradient passes inside the bounds, and outside them wherever a step along it leads back.
[[nodiscard]] torch::Tensor clamp_straight_through(const torch::Tensor& x, double low, double high);

// Rearrangements between space and depth that keep the channels innermost, so that in channels-last memory
// whole runs are copied (ONNX calls it DepthToSpace in DCR mode):
//   depth_to_space: out[c, y * r + i, x * r + j] = in[(i * r + j) * C + c, y, x]
// space_to_depth is the inverse. Any element type.
[[nodiscard]] torch::Tensor depth_to_space(const torch::Tensor& x, std::int64_t r);
[[nodiscard]] torch::Tensor space_to_depth(const torch::Tensor& x, std::int64_t r);

// Weights of 4 dimensions to channels-last memory.
void to_channels_last(torch::nn::Module& module);

}  // namespace vaec::nn
