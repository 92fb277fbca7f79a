// The integer hyper-synthesis h_s: from the rounded hyper-latent, the mean and the scale of every latent, in
// two passes over a checkerboard (He 2021, "Checkerboard Context Model for Efficient Learned Image
// Compression"): the odd positions are predicted from the even ones, too.
//
//   features = trunk(z^, quality - 50), lf(slopes of the LF image)
//   even positions (row + column even): (mean, scale index) = first(features)
//   odd positions: (mean, scale index) = first's mean + second(features, context(y^ at even ones))
#pragma once

#include <string>
#include <vector>

#include "model/hyper_layers.hpp"
#include "model/photo_config.hpp"
#include "nn/integer_network.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

inline constexpr double kHyperStep = 1.0 / 8;  // real units of one step of z^ and of the quality

// model::compand() on floats that hold integers, with the gradient of its linear pieces.
[[nodiscard]] torch::Tensor compand_straight_through(const torch::Tensor& v);

// 1 at the odd positions of a latent [h, w], 0 at the even ones: [1, 1, h, w].
[[nodiscard]] torch::Tensor odd_positions(std::int64_t h, std::int64_t w,
                                          const torch::TensorOptions& options);

// The slopes of the LF image v [N, channels, h, w], as part "lf" sees them: [N, 4 * channels, h, w], for each
// channel by how much the position to the right is above and below, then the one underneath (companded).
[[nodiscard]] torch::Tensor lf_slopes(const torch::Tensor& v);

// h_s as a model file holds it.
class IntegerHyperSynthesis {
 public:
  // Throws Error kModel.
  IntegerHyperSynthesis(IntegerNetwork trunk, IntegerNetwork lf, IntegerNetwork first, IntegerNetwork context,
                        IntegerNetwork second);

  [[nodiscard]] const IntegerNetwork& part(const std::string& name) const;

 private:
  IntegerNetwork trunk_, lf_, first_, context_, second_;
};

// h_s in training: floats that hold integers.
class HyperSynthesisImpl : public torch::nn::Module {
 public:
  explicit HyperSynthesisImpl(const model::PhotoConfig& config);

  // z_and_quality [N, hyper + 1, ceil(h / 4), ceil(w / 4)] and the LF image [N, channels, h, w]
  // -> features [N, width + lf_width, h, w].
  torch::Tensor features(const torch::Tensor& z_and_quality, const torch::Tensor& lf);
  // -> [N, 2 * latent, h, w]: the means in 1/16 units, then the scale indices 0..63; valid at even positions.
  torch::Tensor first_pass(const torch::Tensor& features);
  // `first`: first_pass's answer; `latent` [N, latent, h, w] in 1/16 units, zero at odd positions. As
  // first_pass, valid at odd positions.
  torch::Tensor second_pass(const torch::Tensor& features, const torch::Tensor& first,
                            const torch::Tensor& latent);

  [[nodiscard]] IntegerHyperSynthesis quantized() const;
  void set_from(const IntegerHyperSynthesis& networks);
  // The scale index that each latent channel starts from (the closed form's variances), [latent].
  void set_scale_bias(const torch::Tensor& scale_index);

 private:
  [[nodiscard]] IntegerNetwork quantized(std::size_t part) const;

  std::vector<std::vector<QuantizedConv>> parts_;  // as model::kHyperParts
  std::int64_t latent_;
};
TORCH_MODULE(HyperSynthesis);

}  // namespace vaec::nn
