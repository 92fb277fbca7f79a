// The classical Gaussian VAE for small grey images of one fixed size (Kingma & Welling 2014).
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "nn/torch.hpp"

namespace vaec::nn {

struct GaussianVaeConfig {
  static constexpr int kMaxSide = 64;
  static constexpr int kSideMultiple = 4;  // two halvings of the resolution
  static constexpr int kMaxLatent = 256;
  static constexpr int kMaxChannels = 128;

  int rows = 28, columns = 28;  // each a multiple of 4, at most 64
  int latent = 32;              // numbers in the latent
  int channels = 16;            // width of the convolutions at half resolution; twice that at a quarter
};

// x: [N, 1, rows, columns] in 0..1. All convolutions run at a half and a quarter of the resolution.
class GaussianVaeImpl : public torch::nn::Module {
 public:
  // Needs a config within the limits above.
  explicit GaussianVaeImpl(const GaussianVaeConfig& config);
  // mu, log_var: each [N, latent]; log_var is bounded to -10..10.
  std::pair<torch::Tensor, torch::Tensor> encode(const torch::Tensor& x);
  // Logits of the pixels, [N, 1, rows, columns], from z [N, latent].
  torch::Tensor decode(const torch::Tensor& z);
  const GaussianVaeConfig& config() const { return config_; }

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
  torch::Tensor bce;  // cross-entropy of the pixels, grey values as probabilities
  torch::Tensor kl;   // KL divergence from N(mu, exp(log_var)) to N(0, I)
};
[[nodiscard]] ElboTerms elbo_terms(const torch::Tensor& x, const torch::Tensor& logits,
                                   const torch::Tensor& mu, const torch::Tensor& log_var);

// The KL divergence of each latent number, [N, latent], in nats.
[[nodiscard]] torch::Tensor kl_to_standard_normal(const torch::Tensor& mu, const torch::Tensor& log_var);

// 8-bit pixels, uint8 [N, 1, rows, columns], from logits; always finite.
[[nodiscard]] torch::Tensor to_bytes(const torch::Tensor& logits);

// A copy of `vae` (on its device) that has only the latent numbers `kept` (indices): a latent that the
// encoder learned to ignore would cost bits all the same.
[[nodiscard]] GaussianVae keep_latents(const GaussianVae& vae, const std::vector<std::int64_t>& kept);

}  // namespace vaec::nn
