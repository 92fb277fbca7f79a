// The classical Gaussian VAE for small images of one fixed size (Kingma & Welling 2014).
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "nn/gaussian_vae_config.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

// x: [N, colours, rows, columns] in 0..1. Convolutions run at a half and a quarter of the resolution, over a picture whose
// edges are repeated up to multiples of 4; dense layers follow, or see the pixels themselves (Net::kDense). The decoder is the
// encoder's mirror image.
class GaussianVaeImpl : public torch::nn::Module {
 public:
  // Needs a config that keeps check_config().
  explicit GaussianVaeImpl(const GaussianVaeConfig& config);
  // mu, log_var: each [N, latent]; log_var is bounded to -10..10.
  std::pair<torch::Tensor, torch::Tensor> encode(const torch::Tensor& x);
  // Logits of the samples, [N, colours, rows, columns], from z [N, latent].
  torch::Tensor decode(const torch::Tensor& z);
  const GaussianVaeConfig& config() const { return config_; }

  // Units of the hidden layers, encoder's and decoder's, that dropout may leave out; 0 without dropout.
  [[nodiscard]] std::int64_t dropped_units() const;
  // What encode() and decode() multiply those units by from now on, [N, dropped_units()]: 0 or 1 / (1 - dropout) in training
  // (Srivastava et al. 2014). An undefined tensor: they all count, as at first.
  void set_dropout(const torch::Tensor& factors);

 private:
  GaussianVaeConfig config_;
  torch::nn::Sequential encoder_{nullptr};  // image -> features
  torch::nn::Linear posterior_{nullptr};    // features -> mu, log_var
  torch::nn::Linear latent_in_{nullptr};    // z -> features
  torch::nn::Sequential decoder_{nullptr};  // features -> logits
};
TORCH_MODULE(GaussianVae);

// The two terms of the negative evidence lower bound (ELBO), each [N], in nats an image.
struct ElboTerms {
  torch::Tensor bce;  // cross-entropy of the samples, taken as probabilities
  torch::Tensor kl;   // KL divergence from N(mu, exp(log_var)) to N(0, I)
};
[[nodiscard]] ElboTerms elbo_terms(const torch::Tensor& x, const torch::Tensor& logits,
                                   const torch::Tensor& mu, const torch::Tensor& log_var);

// The KL divergence of each latent number, [N, latent], in nats.
[[nodiscard]] torch::Tensor kl_to_standard_normal(const torch::Tensor& mu, const torch::Tensor& log_var);

// 8-bit samples, uint8 of the same shape, from logits; always finite.
[[nodiscard]] torch::Tensor to_bytes(const torch::Tensor& logits);

// A copy of `vae` (on its device) that has only the latent numbers `kept` (indices): a latent that the
// encoder learned to ignore would cost bits all the same.
[[nodiscard]] GaussianVae keep_latents(const GaussianVae& vae, const std::vector<std::int64_t>& kept);

}  // namespace vaec::nn
