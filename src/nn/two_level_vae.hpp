// The two-level VAE (Ballé 2018, Minnen 2018) with one model for all rates
// (gained VAE, Cui 2021), as it is trained.
#pragma once

#include <functional>
#include <optional>

#include "model/photo_config.hpp"
#include "nn/causal_density.hpp"
#include "nn/hyper_synthesis.hpp"
#include "nn/layers.hpp"
#include "nn/rate.hpp"
#include "nn/torch.hpp"
#include "nn/transforms.hpp"

namespace vaec::nn {

// What a forward pass gives; N pictures of H x W.
struct RateDistortion {
  torch::Tensor x_hat;   // [N, 3, H, W], about 0..1, not clamped
  torch::Tensor y_bits;  // [N], the LF image's among them
  torch::Tensor z_bits;  // [N]
};

// A latent as it is coded.
struct CodedLatent {
  torch::Tensor z;                  // [N, hyper, ceil(H/64), ceil(W/64)]: whole numbers
  torch::Tensor mean, scale_index;  // [N, latent, H/16, W/16]: what h_s predicts
  torch::Tensor y_hat;              // [N, latent, H/16, W/16]: what is decoded
  torch::Tensor y_bits, z_bits;     // as in RateDistortion
};

// Uniform in -1/2..1/2, of the shapes of y and z; that of y is widened (noise_width()).
struct RoundingNoise {
  torch::Tensor y, z;
};

class TwoLevelVaeImpl : public torch::nn::Module {
 public:
  explicit TwoLevelVaeImpl(const model::PhotoConfig& config);

  // x [N, 3, H, W] in 0..1, H and W multiples of 16; quality [N] in 1..100, whole numbers.
  // With `noise` the rate is that of values with this noise added, as training needs (the distortion is
  // always that of rounded ones; Minnen 2020); without, of the rounded values. Transforms compute in
  // `precision` (float32 or bfloat16).
  RateDistortion forward(const torch::Tensor& x, const torch::Tensor& quality,
                         const std::optional<RoundingNoise>& noise,
                         torch::ScalarType precision = torch::kFloat32);

  // What is coded of values, in rounding steps.
  struct Quantizer {
    std::function<torch::Tensor(const torch::Tensor& lf)> lf;  // of the LF image
    // Of the latent minus its predicted mean, and the indices of its tables; the LF image's channels count as of
    // index 0.
    std::function<torch::Tensor(const torch::Tensor& difference, const torch::Tensor& index)> rest;
  };
  [[nodiscard]] static const Quantizer& encoders_quantizer();

  // The same from a latent y [N, latent, H/16, W/16] in rounding steps of `quality` on.
  RateDistortion code(const torch::Tensor& y, const torch::Tensor& quality,
                      const std::optional<RoundingNoise>& noise,
                      torch::ScalarType precision = torch::kFloat32,
                      const Quantizer& quantizer = encoders_quantizer());
  // The part of code() before g_s.
  CodedLatent predict(const torch::Tensor& y, const torch::Tensor& quality,
                      const std::optional<RoundingNoise>& noise,
                      const Quantizer& quantizer = encoders_quantizer());

  // Noise for `count` pictures of h x w, drawn on `device`, by its default generator.
  [[nodiscard]] RoundingNoise draw_noise(std::int64_t count, std::int64_t h, std::int64_t w,
                                         torch::Device device) const;

  // Fills the linear branches and the scales' biases from patches
  // [P, 3, 16, 16] in 0..1 (closed form, see .cpp).
  void set_closed_form(const torch::Tensor& patches);

  // The gain (true) or inverse gain (false) of each latent channel at `quality` [N] -> [N, latent, 1, 1].
  torch::Tensor gain(const torch::Tensor& quality, bool forward_gain) const;

  [[nodiscard]] const model::PhotoConfig& config() const { return config_; }
  void set_distortion(const model::Distortion& distortion) {
    config_.distortion = distortion;
  }  // what it is trained for

  // Lets quality 1..100 stand for another range of lambda. Where the old range and the new one share a lambda the networks
  // compute what they did (but near borders, where h_s pads the quality's plane with zeros); beyond the old range gains go
  // on as they went, for training to mend.
  void set_lambda_range(double lambda_min, double lambda_max);

  Analysis analysis{nullptr};
  Synthesis synthesis{nullptr};
  HyperAnalysis hyper_analysis{nullptr};
  HyperSynthesis hyper_synthesis{nullptr};
  LfDensity lf_density{nullptr};
  HyperDensity hyper_density{nullptr};
  torch::Tensor log_gain, log_inverse_gain;  // [levels, latent]

 private:
  void choose_lf(const torch::Tensor& basis);

  model::PhotoConfig config_;
  torch::Tensor lf_channels_;  // [channels]
  torch::Tensor is_lf_;        // [1, latent, 1, 1]: 1 and 0
};
TORCH_MODULE(TwoLevelVae);

// Gains at each quality [N] from levels [levels, C], interpolated in the log domain -> [N, C, 1, 1].
[[nodiscard]] torch::Tensor interpolate_gain(const torch::Tensor& log_levels, const torch::Tensor& quality);

// The quality as the networks in float see it: a plane [N, 1, h, w] in -1..1.
[[nodiscard]] torch::Tensor quality_plane(const torch::Tensor& quality, std::int64_t h, std::int64_t w);

}  // namespace vaec::nn
