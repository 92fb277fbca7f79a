#include "nn/gaussian_vae.hpp"

#include <torch/nn/functional/loss.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/pixelshuffle.h>

namespace vaec::nn {
namespace {

namespace F = torch::nn::functional;

constexpr int kHidden = 256;
constexpr double kMaxLogVar = 10;

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
  const int half = config.channels, quarter = 2 * config.channels;
  const int rows = config.rows / 4, columns = config.columns / 4;
  const int features = quarter * rows * columns;
  using torch::nn::Flatten;
  using torch::nn::Linear;
  using torch::nn::PixelShuffle;
  using torch::nn::PixelShuffleOptions;
  using torch::nn::Sequential;
  using torch::nn::SiLU;
  using torch::nn::Unflatten;
  using torch::nn::UnflattenOptions;

  encoder_ = register_module(
      "encoder", Sequential(conv3x3(1, half, 2), SiLU(), conv3x3(half, quarter, 2), Residual(quarter), SiLU(),
                            Flatten(), Linear(features, kHidden), SiLU(), Linear(kHidden, kHidden), SiLU()));
  posterior_ = register_module("posterior", Linear(kHidden, 2 * config.latent));
  latent_in_ = register_module("latent_in", Linear(config.latent, kHidden));
  decoder_ = register_module(
      "decoder", Sequential(SiLU(), Linear(kHidden, kHidden), SiLU(), Linear(kHidden, features),
                            Unflatten(UnflattenOptions(1, {quarter, rows, columns})), Residual(quarter),
                            conv3x3(quarter, 4 * half), PixelShuffle(PixelShuffleOptions(2)), Residual(half),
                            SiLU(), conv3x3(half, 4), PixelShuffle(PixelShuffleOptions(2))));
  initialize(*encoder_);
  initialize(*decoder_);
}

std::pair<torch::Tensor, torch::Tensor> GaussianVaeImpl::encode(const torch::Tensor& x) {
  const auto parts = posterior_(encoder_->forward(2 * x - 1)).chunk(2, 1);
  return {parts[0], parts[1].clamp(-kMaxLogVar, kMaxLogVar)};
}

torch::Tensor GaussianVaeImpl::decode(const torch::Tensor& z) { return decoder_->forward(latent_in_(z)); }

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
