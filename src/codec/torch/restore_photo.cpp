#include "codec/torch/restore_photo.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/interrupt.hpp"
#include "codec/threads.hpp"
#include "codec/torch/pixel_tensor.hpp"
#include "codec/torch/restore.hpp"
#include "codec/torch/threads.hpp"
#include "codec/torch/windows.hpp"
#include "codec/transparent.hpp"
#include "entropy/gaussian.hpp"
#include "nn/photo_file.hpp"
#include "nn/precision.hpp"

namespace vaec::codec {
namespace {

constexpr std::int64_t kWindow = 768, kMargin = 128;  // pixels: a core and what it sees around it
// Found on validation pictures (docs/experiments.md). Deviations are of samples 0..255.
constexpr int kFillings = 24, kPositions = 16;
constexpr double kFirstDeviation = 25, kLastDeviation = 2;  // as if a picture being filled had such noise

// The picture with a smooth continuation of the known pixels.
template <typename Sample>
Image smoothly_filled(ImageView image, const Damage& damage) {
  std::vector<Sample> seen;
  seen.reserve(damage.missing.size());
  for (const bool is_missing : damage.missing) seen.push_back(is_missing ? 0 : 1);
  image.alpha = {seen.data(), static_cast<std::ptrdiff_t>(image.width * sizeof(Sample)), 1};
  return with_smooth_hidden(image);
}

torch::Tensor start_of(const ImageView& image, const Damage& damage) {
  const auto all = [](const ImageView& of) { return pixels(of, 0, 0, of.height, of.width).contiguous(); };
  if (damage.missing.empty()) return all(image);
  return all(image.bit_depth == 16 ? smoothly_filled<std::uint16_t>(image, damage)
                                   : smoothly_filled<std::uint8_t>(image, damage));
}

class PhotoRestorer : public Restorer {
 public:
  explicit PhotoRestorer(const model::SafeTensors& file)
      : vae_(nn::trainable(file)), precision_(nn::fastest_type()) {
    for (auto& p : vae_->parameters()) p.set_requires_grad(false);
  }

  Image restore(const ImageView& image, const Damage& damage, int threads,
                const Progress& progress) const override {
    const OpenMpThreads these(threads);
    keep_callers_threads();
    check_damage(image, damage);
    const torch::NoGradGuard no_grad;
    const auto noise_power = power_of_noise(image.channels);
    const int fillings = damage.missing.empty() ? 0 : kFillings,
              positions = damage.noise > 0 ? kPositions : 0;
    const auto denoised = [&](const torch::Tensor& x, double deviation, int pass) {
      if (progress) progress(pass, fillings + positions);
      return denoise(x, deviation, noise_power, pass);
    };
    auto x = start_of(image, damage);
    const auto missing = missing_pixels(image, damage);
    for (int i = 0; i < fillings; ++i) {
      const double fallen =
          kFirstDeviation * std::pow(kLastDeviation / kFirstDeviation, i / (fillings - 1.0));
      x = torch::where(missing > 0, denoised(x, std::max(fallen, damage.noise), i), x);
    }
    auto sum = torch::zeros_like(x);
    for (int i = 0; i < positions; ++i) sum += denoised(x, damage.noise, fillings + i);
    return with_restored(image, damage, positions > 0 ? sum / positions : x);
  }

 private:
  // A squared error costs lambda / 3 bits, and noise of this deviation makes it as likely as 1 / (2 deviation^2) nats.
  [[nodiscard]] torch::Tensor quality_against(double deviation) const {
    const auto& config = vae_->config();
    const double lambda = 3 / (2 * std::log(2.0) * deviation * deviation);
    const double position =
        std::log(lambda / config.lambda_min) / std::log(config.lambda_max / config.lambda_min);
    const double quality =
        std::round(kMinQuality + (kMaxQuality - kMinQuality) * std::clamp(position, 0.0, 1.0));
    return torch::full({1}, static_cast<float>(quality));
  }

  // What noise of deviation 1 adds to the variance of each latent, before the gain: [1, latent, 1, 1]. Of grey pictures all
  // three channels have the same noise.
  [[nodiscard]] torch::Tensor power_of_noise(std::uint32_t channels) const {
    constexpr std::uint64_t kSeed = 1;
    constexpr double kDeviation = 16.0 / 255;
    const auto grey = torch::full({1, 3, 256, 256}, 0.5).contiguous(at::MemoryFormat::ChannelsLast);
    const auto noise = at::randn({1, channels, 256, 256}, at::detail::createCPUGenerator(kSeed)) * kDeviation;
    const auto response = vae_.ptr()->analysis((grey + noise).contiguous(at::MemoryFormat::ChannelsLast)) -
                          vae_.ptr()->analysis(grey);
    return response.square().mean({0, 2, 3}, true) / (255 * 255 * kDeviation * kDeviation);
  }

  // x: [1, 3, height, width] with noise of this deviation; `position`: that of the grid of blocks.
  [[nodiscard]] torch::Tensor denoise(const torch::Tensor& x, double deviation,
                                      const torch::Tensor& noise_power, int position) const {
    const auto quality = quality_against(deviation);
    const auto variance = noise_power * (deviation * deviation) * vae_->gain(quality, true).square();
    // All positions of the grid in turn, each far from those before.
    constexpr int kStride = model::kLatentStride;
    const std::int64_t down = 7 * position % kStride, right = (3 * position + 5) % kStride;
    const auto side = std::max(x.size(2), x.size(3));
    const auto windows = (side + kWindow - 1) / kWindow;
    auto result = torch::empty_like(x);
    for_each_window(x.size(2), x.size(3), (side + windows - 1) / windows, kMargin, [&](const Window& w) {
      base::throw_if_interrupted();
      const auto part = x.slice(2, w.outer_top, w.outer_bottom).slice(3, w.outer_left, w.outer_right);
      const auto below = kStride - (part.size(2) + down - 1) % kStride - 1,
                 beside = kStride - (part.size(3) + right - 1) % kStride - 1;
      const auto padded = at::replication_pad2d(part, {right, beside, down, below});
      const auto made = denoise_window(padded.contiguous(at::MemoryFormat::ChannelsLast), quality, variance);
      const auto top = down + w.top - w.outer_top, left = right + w.left - w.outer_left;
      result.slice(2, w.top, w.bottom).slice(3, w.left, w.right) =
          made.slice(2, top, top + w.bottom - w.top).slice(3, left, left + w.right - w.left).clamp(0, 1);
    });
    return result;
  }

  [[nodiscard]] torch::Tensor denoise_window(const torch::Tensor& x, const torch::Tensor& quality,
                                             const torch::Tensor& variance) const {
    const nn::TwoLevelVaeImpl::Quantizer shrinking{
        [](const torch::Tensor& lf) { return lf; },
        [&](const torch::Tensor& difference, const torch::Tensor& index) {
          const auto all = (nn::scale_of_index(index) / entropy::kLogisticScale).square();
          return difference * (torch::relu(all - variance) / all);
        }};
    const auto y = vae_.ptr()->analysis(x, precision_) * vae_->gain(quality, true);
    const auto y_hat = vae_.ptr()->predict(y, quality, std::nullopt, shrinking).y_hat;
    const auto plane = nn::quality_plane(quality, y.size(2), y.size(3));
    return vae_.ptr()->synthesis(y_hat * vae_->gain(quality, false), plane, precision_);
  }

  nn::TwoLevelVae vae_;  // its functions change nothing, but are not const
  torch::ScalarType precision_;
};

}  // namespace

std::unique_ptr<Restorer> make_photo_restorer(const model::SafeTensors& file) {
  return std::make_unique<PhotoRestorer>(file);
}

}  // namespace vaec::codec
