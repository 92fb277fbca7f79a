#include "nn/layers.hpp"

#include <cmath>

#include "model/photo_config.hpp"

namespace vaec::nn {
using model::kLeakySlope;

Conv2dImpl::Conv2dImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride)
    : stride_(stride), padding_(kernel / 2) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(in * kernel * kernel));  // PyTorch's own default
  weight = register_parameter("weight", torch::empty({out, in, kernel, kernel}).uniform_(-bound, bound));
  bias = register_parameter("bias", torch::empty({out}).uniform_(-bound, bound));
}

torch::Tensor pointwise(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias) {
  const auto out = torch::linear(x.permute({0, 2, 3, 1}), weight.flatten(1), bias);
  return out.permute({0, 3, 1, 2});
}

torch::Tensor Conv2dImpl::forward(const torch::Tensor& x) {
  const bool is_pointwise = weight.size(2) == 1 && stride_ == 1;
  if (is_pointwise && x.scalar_type() == torch::kFloat32 && !torch::GradMode::is_enabled()) {
    return pointwise(x, weight, bias);
  }
  return torch::conv2d(x, weight.to(x.scalar_type()), bias.to(x.scalar_type()), stride_, padding_);
}

void Conv2dImpl::zero() {
  torch::NoGradGuard no_grad;
  weight.zero_();
  bias.zero_();
}

ResidualBlockImpl::ResidualBlockImpl(std::int64_t channels) {
  first_ = register_module("first", Conv2d(channels, channels, 3));
  second_ = register_module("second", Conv2d(channels, channels, 3));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  if (torch::GradMode::is_enabled()) return x + second_(activation(first_(x)));
  auto h = first_(x);
  return second_(torch::leaky_relu_(h, kLeakySlope)).add_(x);
}

void ResidualBlockImpl::silence() { second_->zero(); }

torch::Tensor activation(const torch::Tensor& x) { return torch::leaky_relu(x, kLeakySlope); }

namespace {

struct RoundStraightThrough : torch::autograd::Function<RoundStraightThrough> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& x) {
    return x.round();
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*,
                                               torch::autograd::tensor_list gradients) {
    return gradients;
  }
};

struct ClampStraightThrough : torch::autograd::Function<ClampStraightThrough> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x, double low,
                               double high) {
    const auto out = x.clamp(low, high);
    context->save_for_backward({x - out});
    return out;
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    // Descent moves x by -g: below the bounds (excess < 0) it may rise, above them it may fall.
    const auto excess = context->get_saved_variables()[0];
    const auto& g = gradients[0];
    return {g.masked_fill(excess * g < 0, 0), torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor round_straight_through(const torch::Tensor& x) { return RoundStraightThrough::apply(x); }

torch::Tensor clamp_straight_through(const torch::Tensor& x, double low, double high) {
  return ClampStraightThrough::apply(x, low, high);
}

torch::Tensor depth_to_space(const torch::Tensor& x, std::int64_t r) {
  const auto n = x.size(0), c = x.size(1) / (r * r), h = x.size(2), w = x.size(3);
  const auto cells = x.permute({0, 2, 3, 1}).reshape({n, h, w, r, r, c});
  return cells.permute({0, 1, 3, 2, 4, 5}).reshape({n, h * r, w * r, c}).permute({0, 3, 1, 2});
}

torch::Tensor space_to_depth(const torch::Tensor& x, std::int64_t r) {
  const auto n = x.size(0), c = x.size(1), h = x.size(2) / r, w = x.size(3) / r;
  const auto cells = x.permute({0, 2, 3, 1}).reshape({n, h, r, w, r, c});
  return cells.permute({0, 1, 3, 2, 4, 5}).reshape({n, h, w, r * r * c}).permute({0, 3, 1, 2});
}

void to_channels_last(torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  for (auto& p : module.parameters()) {
    if (p.dim() == 4) p.set_data(p.contiguous(at::MemoryFormat::ChannelsLast));
  }
}

}  // namespace vaec::nn
