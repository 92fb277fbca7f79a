#include "nn/layers.hpp"

#include <cmath>

#include "model/photo_config.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
using model::kLeakySlope;

Conv2dImpl::Conv2dImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride)
    : stride_(stride), padding_(kernel / 2) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(in * kernel * kernel));  // PyTorch's own default
  weight = register_parameter("weight", torch::empty({out, in, kernel, kernel}).uniform_(-bound, bound));
  bias = register_parameter("bias", torch::empty({out}).uniform_(-bound, bound));
}

namespace {

thread_local torch::ScalarType gradient_type = torch::kFloat32;

// 1x1 as a matrix product: for few pictures on one thread LibTorch's convolution is several times slower, and
// leaves channels-last memory.
torch::Tensor convolve_in_type(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                               std::int64_t stride) {
  if (weight.size(2) > 1 || stride > 1) return torch::conv2d(x, weight, bias, stride, weight.size(2) / 2);
  return torch::linear(x.permute({0, 2, 3, 1}), weight.flatten(1), bias).permute({0, 3, 1, 2});
}

struct ConvolveWithRoundGradients : torch::autograd::Function<ConvolveWithRoundGradients> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias, std::int64_t stride,
                               torch::ScalarType type) {
    context->save_for_backward({x.to(type), weight.to(type)});
    context->saved_data["stride"] = stride;
    return convolve_in_type(x, weight, bias, stride);
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    const auto stride = context->saved_data["stride"].toInt();
    const auto padding = weight.size(2) / 2;
    const auto [by_x, by_weight, none] = at::convolution_backward(
        gradients[0].to(x.scalar_type()), x, weight, at::OptionalIntArrayRef{}, {stride, stride},
        {padding, padding}, {1, 1},
        /*transposed=*/false, {0, 0}, /*groups=*/1, {context->needs_input_grad(0), true, false});
    return {by_x.defined() ? by_x.to(torch::kFloat32) : by_x, by_weight.to(torch::kFloat32),
            gradients[0].sum({0, 2, 3}), torch::Tensor(), torch::Tensor()};
  }
};

// Whole steps (by channel), low to high of them; the gradient passes where they are within these bounds.
struct QuantizeStraightThrough : torch::autograd::Function<QuantizeStraightThrough> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& step, double low, double high) {
    const auto by_channel = step.to(x.scalar_type()).reshape({1, -1, 1, 1});
    const auto steps = (x * by_channel.reciprocal()).round_();
    context->save_for_backward({steps.ge(low).logical_and_(steps.le(high))});
    return steps.clamp_(low, high).mul_(by_channel);
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0], torch::Tensor(), torch::Tensor(),
            torch::Tensor()};
  }
};

}  // namespace

GradientsIn::GradientsIn(torch::ScalarType precision) : before_(gradient_type) { gradient_type = precision; }

GradientsIn::~GradientsIn() { gradient_type = before_; }

torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                       std::int64_t stride) {
  if (!torch::GradMode::is_enabled() || gradient_type == torch::kFloat32) {
    return convolve_in_type(x, weight, bias, stride);
  }
  return ConvolveWithRoundGradients::apply(x, weight, bias, stride, gradient_type);
}

torch::Tensor Conv2dImpl::forward(const torch::Tensor& input) {
  const auto x = grid_ ? QuantizeStraightThrough::apply(input, grid_->in, grid_->low, grid_->high) : input;
  const auto w = rounded();
  if (x.scalar_type() == torch::kFloat32) return convolve(x, w, bias, stride_);
  return torch::conv2d(x, w.to(x.scalar_type()), bias.to(x.scalar_type()), stride_, padding_);
}

void Conv2dImpl::set_grid(const WeightGrid& grid) {
  const auto here = weight.options().requires_grad(false);
  grid_ = WeightGrid{register_buffer("grid_in", grid.in.to(here)),
                     register_buffer("grid_sum", grid.sum.to(here)), grid.low, grid.high};
}

torch::Tensor Conv2dImpl::rounded() const {
  if (!grid_) return weight;
  torch::Tensor change;
  {
    const torch::NoGradGuard no_grad;
    change = on_grid(weight, *grid_) * grid_->step() - weight;
  }
  return weight + change;
}

void Conv2dImpl::zero() {
  torch::NoGradGuard no_grad;
  weight.zero_();
  bias.zero_();
}

void Conv2dImpl::grow_from(const Conv2dImpl& other, std::int64_t out_groups, std::int64_t in_groups) {
  const torch::NoGradGuard no_grad;
  const auto grouped = [&](const torch::Tensor& w) {
    return w.contiguous().reshape(
        {out_groups, w.size(0) / out_groups, in_groups, w.size(1) / in_groups, w.size(2), w.size(3)});
  };
  const auto from = grouped(other.weight);
  auto to = grouped(weight).clone(), to_bias = bias.reshape({out_groups, -1}).clone();
  const auto out = from.size(1), in = from.size(3);
  if (out > to.size(1) || in > to.size(3) || weight.size(2) != other.weight.size(2)) {
    throw Error(ErrorCode::kModel, "model: a layer has more channels than what it is to start");
  }
  to.narrow(1, 0, out).zero_().narrow(3, 0, in).copy_(from);
  to_bias.narrow(1, 0, out).copy_(other.bias.reshape({out_groups, -1}));
  weight.copy_(to.reshape(weight.sizes()));
  bias.copy_(to_bias.flatten());
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

void ResidualBlockImpl::grow_from(const ResidualBlockImpl& other) {
  first_->grow_from(*other.first_);
  second_->grow_from(*other.second_);
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
