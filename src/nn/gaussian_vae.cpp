#include "nn/gaussian_vae.hpp"

#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/padding.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/pixelshuffle.h>

#include <numeric>

namespace vaec::nn {
namespace {

namespace F = torch::nn::functional;

constexpr double kMaxLogVar = 10;
constexpr int kStride = 4;  // of all convolutions together

torch::nn::Conv2d conv3x3(int in, int out, int stride = 1) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1));
}

// x + conv(silu(conv(silu(x))))
class ResidualImpl : public torch::nn::Module {
 public:
  explicit ResidualImpl(int channels) {
    first_ = register_module("first", conv3x3(channels, channels));
    second_ = register_module("second", conv3x3(channels, channels));
  }
  torch::Tensor forward(const torch::Tensor& x) { return x + second_(torch::silu(first_(torch::silu(x)))); }

 private:
  torch::nn::Conv2d first_{nullptr}, second_{nullptr};
};
TORCH_MODULE(Residual);

// The activation of a hidden layer. Leaves out units, which ones it is told: drawn together with all else that is drawn for a
// step, they depend neither on threads nor on how the batch is shared out.
class HiddenImpl : public torch::nn::Module {
 public:
  explicit HiddenImpl(Activation activation) : activation_(activation) {}
  void set_dropout(const torch::Tensor& factors) { factors_ = factors; }
  torch::Tensor forward(const torch::Tensor& x) {
    const auto activated = activate(x);
    return factors_.defined() ? activated * factors_ : activated;
  }

 private:
  [[nodiscard]] torch::Tensor activate(const torch::Tensor& x) const {
    switch (activation_) {
      case Activation::kSilu:
        return torch::silu(x);
      case Activation::kRelu:
        return torch::relu(x);
      case Activation::kTanh:
        return torch::tanh(x);
      case Activation::kSigmoid:
        return torch::sigmoid(x);
    }
    return x;
  }

  Activation activation_;
  torch::Tensor factors_;  // [N, units]
};
TORCH_MODULE(Hidden);

constexpr int strides(int side) { return (side + kStride - 1) / kStride; }

// He et al. 2015: LibTorch's own start is so small that a stack this deep
// passes on little of the image at first.
void initialize(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters()) {
    if (parameter.value().dim() > 1) {
      torch::nn::init::kaiming_normal_(parameter.value(), 0, torch::kFanIn, torch::kReLU);
    } else {
      parameter.value().zero_();
    }
  }
}

}  // namespace

GaussianVaeImpl::GaussianVaeImpl(const GaussianVaeConfig& config) : config_(config) {
  using torch::nn::Flatten;
  using torch::nn::Linear;
  using torch::nn::PixelShuffle;
  using torch::nn::PixelShuffleOptions;
  using torch::nn::Sequential;
  using torch::nn::SiLU;
  using torch::nn::Unflatten;
  using torch::nn::UnflattenOptions;

  const bool convolves = config.net == Net::kConv;
  const int half = config.channels, quarter = 2 * config.channels;
  // The features between convolutions, or pixels, and dense layers.
  const std::vector<std::int64_t> shape =
      convolves ? std::vector<std::int64_t>{quarter, strides(config.rows), strides(config.columns)}
                : std::vector<std::int64_t>{config.colours, config.rows, config.columns};
  std::vector<std::int64_t> widths{shape[0] * shape[1] * shape[2]};
  widths.insert(widths.end(), config.hidden.begin(), config.hidden.end());

  Sequential encoder, decoder;
  if (convolves) {
    encoder->extend(*Sequential(conv3x3(config.colours, half, 2), SiLU(), conv3x3(half, quarter, 2),
                                Residual(quarter), SiLU()));
  }
  encoder->push_back(Flatten());
  for (std::size_t i = 1; i < widths.size(); ++i) {
    encoder->push_back(Linear(widths[i - 1], widths[i]));
    encoder->push_back(Hidden(config.activation));
    decoder->push_back(Hidden(config.activation));
    decoder->push_back(Linear(widths[widths.size() - i], widths[widths.size() - i - 1]));
  }
  decoder->push_back(Unflatten(UnflattenOptions(1, shape)));
  if (convolves) {
    decoder->extend(*Sequential(Residual(quarter), conv3x3(quarter, 4 * half),
                                PixelShuffle(PixelShuffleOptions(2)), Residual(half), SiLU(),
                                conv3x3(half, 4 * config.colours), PixelShuffle(PixelShuffleOptions(2))));
  }
  encoder_ = register_module("encoder", encoder);
  posterior_ = register_module("posterior", Linear(widths.back(), 2 * config.latent));
  latent_in_ = register_module("latent_in", Linear(config.latent, widths.back()));
  decoder_ = register_module("decoder", decoder);
  initialize(*encoder_);
  initialize(*decoder_);
}

std::pair<torch::Tensor, torch::Tensor> GaussianVaeImpl::encode(const torch::Tensor& x) {
  auto centred = 2 * x - 1;
  if (config_.net == Net::kConv && (config_.rows % kStride != 0 || config_.columns % kStride != 0)) {
    centred = F::pad(centred, F::PadFuncOptions({0, strides(config_.columns) * kStride - config_.columns, 0,
                                                 strides(config_.rows) * kStride - config_.rows})
                                  .mode(torch::kReplicate));
  }
  const auto parts = posterior_(encoder_->forward(centred)).chunk(2, 1);
  return {parts[0], parts[1].clamp(-kMaxLogVar, kMaxLogVar)};
}

torch::Tensor GaussianVaeImpl::decode(const torch::Tensor& z) {
  return decoder_->forward(latent_in_(z)).narrow(2, 0, config_.rows).narrow(3, 0, config_.columns);
}

std::int64_t GaussianVaeImpl::dropped_units() const {
  if (config_.dropout == 0) return 0;
  return 2 * std::accumulate(config_.hidden.begin(), config_.hidden.end(), std::int64_t{0});
}

void GaussianVaeImpl::set_dropout(const torch::Tensor& factors) {
  std::int64_t first = 0;
  const auto next = [&](std::int64_t units) {
    first += units;
    return factors.defined() ? factors.narrow(1, first - units, units) : torch::Tensor();
  };
  auto units = config_.hidden.begin();
  for (const auto& module : encoder_->children()) {
    if (auto* layer = module->as<HiddenImpl>()) layer->set_dropout(next(*units++));
  }
  for (const auto& module : decoder_->children()) {
    if (auto* layer = module->as<HiddenImpl>()) layer->set_dropout(next(*--units));
  }
}

torch::Tensor kl_to_standard_normal(const torch::Tensor& mu, const torch::Tensor& log_var) {
  return 0.5 * (mu.square() + log_var.exp() - 1 - log_var);
}

ElboTerms elbo_terms(const torch::Tensor& x, const torch::Tensor& logits, const torch::Tensor& mu,
                     const torch::Tensor& log_var) {
  const auto bce = F::binary_cross_entropy_with_logits(
      logits, x, F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone));
  return {bce.flatten(1).sum(1), kl_to_standard_normal(mu, log_var).sum(1)};
}

torch::Tensor to_bytes(const torch::Tensor& logits) {
  return (torch::sigmoid(logits).nan_to_num(0.0) * 255).round().clamp(0, 255).to(torch::kUInt8);
}

GaussianVae keep_latents(const GaussianVae& vae, const std::vector<std::int64_t>& kept) {
  const torch::NoGradGuard no_grad;
  auto config = vae->config();
  const int before = config.latent;
  config.latent = static_cast<int>(kept.size());
  GaussianVae result(config);
  const auto source = vae->named_parameters();
  const auto device = source.begin()->value().device();
  result->to(device);
  const auto columns = torch::tensor(kept, torch::kInt64);
  const auto rows = torch::cat({columns, columns + before}).to(device);  // of mu, then of log_var
  for (auto& parameter : result->named_parameters()) {
    auto value = source[parameter.key()];
    if (parameter.key().rfind("posterior.", 0) == 0) value = value.index_select(0, rows);
    if (parameter.key() == "latent_in.weight") value = value.index_select(1, columns.to(device));
    parameter.value().copy_(value);
  }
  return result;
}

}  // namespace vaec::nn
