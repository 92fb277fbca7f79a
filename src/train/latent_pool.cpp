#include "train/latent_pool.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include "base/interrupt.hpp"
#include "base/progress.hpp"
#include "model/photo_config.hpp"

namespace vaec::train {
namespace {

constexpr std::int64_t kBetweenProgress = 32;  // windows

}  // namespace

LatentPool::LatentPool(const CropSampler& sampler, std::int64_t windows, const Analysis& analysis,
                       Workers& workers, bool progress) {
  const auto began = std::chrono::steady_clock::now();
  const auto crops = sampler.choose(static_cast<int>(windows));
  // One at a time: how many are computed together changes the last bits.
  const auto latent_of = [&](std::int64_t i) {
    const torch::NoGradGuard no_grad;
    const auto x = sampler.cut(std::span(crops).subspan(static_cast<std::size_t>(i), 1));
    return analysis(x.contiguous(at::MemoryFormat::ChannelsLast)).squeeze(0).permute({1, 2, 0});
  };
  const auto first = latent_of(0);
  latents_ = torch::empty({windows, first.size(0), first.size(1), first.size(2)},
                          first.options().dtype(torch::kHalf));
  latents_.select(0, 0).copy_(first);
  for (std::int64_t done = 1; done < windows; done += kBetweenProgress) {
    const auto count = std::min(kBetweenProgress, windows - done);
    workers.run(static_cast<std::size_t>(count), [&](std::size_t i) {
      base::throw_if_interrupted();
      const auto at = done + static_cast<std::int64_t>(i);
      latents_.select(0, at).copy_(latent_of(at));
    });
    if (progress) {
      base::show_progress(fmt::format("windows of latents: {} of {}", done + count, windows));
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  spdlog::info("windows of latents: {}, {} MiB, {:.0f} s", windows, latents_.nbytes() >> 20, took.count());
}

std::int64_t LatentPool::windows_for(std::int64_t pixels, std::int64_t crop, std::int64_t channels) {
  const auto side = crop / model::kLatentStride;
  const auto bytes = side * side * channels * static_cast<std::int64_t>(sizeof(c10::Half));
  const auto wanted = (pixels + crop * crop - 1) / (crop * crop);
  return std::max<std::int64_t>(1, std::min(wanted, kMaxBytes / bytes));
}

torch::Tensor LatentPool::choose(std::int64_t count) const {
  return torch::randint(windows(), {count}, torch::kInt64).to(latents_.device());
}

torch::Tensor LatentPool::at(const torch::Tensor& windows) const {
  return latents_.index_select(0, windows).to(torch::kFloat32).permute({0, 3, 1, 2});
}

}  // namespace vaec::train
