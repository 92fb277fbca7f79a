// Latents made once, for training the entropy model alone.
#pragma once

#include <cstdint>
#include <functional>

#include "nn/torch.hpp"
#include "train/crops.hpp"
#include "train/workers.hpp"

namespace vaec::train {

// What the analysis transform makes of some windows of the training images. While it stays as it is, so do
// they, and a step need not compute them again.
//
// Kept as 16-bit floats of 11 significant bits, which hold up to 65504: latents before their gains are some
// dozens at most (a mean colour; a step of the reference lambda is 1), and are off by 1/32 there, by a
// thousandth near 1. bfloat16 would be off by 1/4.
class LatentPool {
 public:
  static constexpr std::int64_t kMaxBytes = std::int64_t{1} << 31;

  // [1, 3, H, W] -> [1, C, h, w], float32. Called from several threads at once, without gradients.
  using Analysis = std::function<torch::Tensor(const torch::Tensor&)>;

  // Draws `windows` (at least 1) crops from LibTorch's default generator, all before the first is computed,
  // so that they are the same whatever the number of workers. Logs how many they are and how long it took;
  // `progress`: shows how far it is. Throws Error kInterrupted.
  LatentPool(const CropSampler& sampler, std::int64_t windows, const Analysis& analysis, Workers& workers,
             bool progress);

  // How many windows of crop x crop pixels hold as many as `pixels`, or fewer if their latents of `channels`
  // would take more than kMaxBytes; at least 1.
  [[nodiscard]] static std::int64_t windows_for(std::int64_t pixels, std::int64_t crop,
                                                std::int64_t channels);

  [[nodiscard]] std::int64_t windows() const { return latents_.size(0); }
  // Windows for a batch, drawn from LibTorch's default generator, with replacement: int64 [count].
  [[nodiscard]] torch::Tensor choose(std::int64_t count) const;
  // float32 [N, C, h, w] of windows [N], channels-last. Thread-safe.
  [[nodiscard]] torch::Tensor at(const torch::Tensor& windows) const;

 private:
  torch::Tensor latents_;  // float16 [windows, h, w, C]
};

}  // namespace vaec::train
