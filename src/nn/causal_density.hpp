// Densities of values that are coded one after another, as training sees them: what the coder's predictors do
// with what was coded before (entropy/lf_predictor.hpp, entropy/hyper_predictor.hpp), in a form with gradients.
#pragma once

#include "model/photo_config.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

// Of the LF image. The mean of a value is a linear function of those at six positions before it, and of how
// far off the channels before are at its own position; its scale is one of how far off values nearby are.
class LfDensityImpl : public torch::nn::Module {
 public:
  explicit LfDensityImpl(const model::PhotoConfig& config);

  // v [N, channels, h, w] -> bits [N].
  torch::Tensor bits(const torch::Tensor& v);

 private:
  std::int64_t channels_;
  torch::Tensor taps_;         // [channels, 6]
  torch::Tensor from_before_;  // [channels, channels]: of an error there, below the diagonal
  torch::Tensor log_floor_;    // [channels]: of the scale
  torch::Tensor log_spread_;   // [channels, 5]: of errors nearby
  torch::Tensor log_before_;   // [channels, channels]: of errors of the channels before
};
TORCH_MODULE(LfDensity);

// Of the hyper-latent: a mean and a scale for each channel and level of the quality, corrected by the four
// neighbours' residuals, and by how far off the neighbours and the channels before are.
class HyperDensityImpl : public torch::nn::Module {
 public:
  explicit HyperDensityImpl(const model::PhotoConfig& config);

  // v [N, hyper, h, w], level [N] -> bits [N].
  torch::Tensor bits(const torch::Tensor& v, const torch::Tensor& level);

  torch::Tensor mean, log_scale;  // [levels, hyper]
  torch::Tensor weight;           // [levels, hyper, neighbours]

 private:
  torch::Tensor decay_;  // [hyper, hyper]: how much the channels before count
};
TORCH_MODULE(HyperDensity);

}  // namespace vaec::nn
