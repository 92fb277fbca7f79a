// The analysis transform g_a and the synthesis transform g_s (Ballé 2018), each a linear branch, which the
// closed form fills (TwoLevelVae::set_closed_form), beside a nonlinear one that starts silent.
#pragma once

#include <optional>
#include <string>

#include "model/photo_config.hpp"
#include "nn/layers.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

// Both compute the nonlinear branch in `precision` (float32 or bfloat16) and the linear one, which carries
// the large numbers, in float32: tensors in and out are float32.

// x [N, 3, H, W] in 0..1, H and W multiples of 16 -> y [N, latent, H/16, W/16],
// in units of the rounding step at model::kReferenceLambda.
class AnalysisImpl : public torch::nn::Module {
 public:
  explicit AnalysisImpl(const model::PhotoConfig& config);
  torch::Tensor forward(const torch::Tensor& x, torch::ScalarType precision = torch::kFloat32);
  // Computes what `other` computes, which may have fewer blocks and channels and has all other sizes alike
  // (Chen 2016, "Net2Net"): blocks beyond its own become identities. Throws Error kModel.
  void grow_from(const AnalysisImpl& other);

  Conv2d linear{nullptr};  // 1x1 over 16x16 blocks, channel (row * 16 + column) * 3 + c

 private:
  torch::nn::ModuleList stages_{nullptr};
  Conv2d stem_{nullptr}, last_{nullptr};
  Conv2d skip_{nullptr};  // 1x1 from 1/4 to what is added to the linear branch's pixels; may be null
};
TORCH_MODULE(Analysis);

// y [N, latent, h, w] and the quality as a plane [N, 1, h, w] in -1..1
// -> x [N, 3, 16h, 16w], about 0..1, not clamped.
class SynthesisImpl : public torch::nn::Module {
 public:
  explicit SynthesisImpl(const model::PhotoConfig& config);
  torch::Tensor forward(const torch::Tensor& y, const torch::Tensor& quality_plane,
                        torch::ScalarType precision = torch::kFloat32);
  void grow_from(const SynthesisImpl& other);  // as Analysis does

  // From now on what has 8 bits in the integer g_s keeps to a grid (Conv2d::set_grid).
  void set_grid(const SynthesisGrid& grid);
  [[nodiscard]] const SynthesisGrid* grid() const { return grid_ ? &*grid_ : nullptr; }
  // A parameter as it is used: on the grid, if there is one.
  [[nodiscard]] torch::Tensor rounded(const std::string& parameter) const;

  Conv2d linear{nullptr};

 private:
  std::optional<SynthesisGrid> grid_;
  torch::nn::ModuleList stages_{nullptr};
  Conv2d stem_{nullptr}, last_{nullptr};
  Conv2d skip_{
      nullptr};  // from the linear branch's picture to 1/4, so that the rest can mend it; may be null
  std::size_t finest_ = 0;  // where in stages_ the blocks at 1/4 begin
};
TORCH_MODULE(Synthesis);

// The hyper-analysis h_a: latent y_q [N, latent, h, w] (units of its own rounding step) and the quality plane
// -> z before rounding, [N, hyper, ceil(h/4), ceil(w/4)].
class HyperAnalysisImpl : public torch::nn::Module {
 public:
  explicit HyperAnalysisImpl(const model::PhotoConfig& config);
  torch::Tensor forward(const torch::Tensor& y, const torch::Tensor& quality_plane);

 private:
  Conv2d first_{nullptr}, second_{nullptr}, third_{nullptr};
};
TORCH_MODULE(HyperAnalysis);

}  // namespace vaec::nn
