#include "codec/torch/restore_mnist.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

#include "base/interrupt.hpp"
#include "codec/threads.hpp"
#include "codec/torch/restore.hpp"
#include "codec/torch/small_picture.hpp"
#include "codec/torch/threads.hpp"
#include "nn/gaussian_vae_file.hpp"

namespace vaec::codec {
namespace {

// Found on digits held back from training: docs/experiments.md.
constexpr int kImputations = 10, kChains = 8, kSteps = 80;
constexpr double kFirstRate = 0.1, kLastRate = 0.01;  // of Adam, in deviations of the prior
constexpr double kFirstMoment = 0.9, kSecondMoment = 0.99, kSmall = 1e-3;
// What a drawn picture misses of a real one, as a mean squared error of samples 0..1: beside weak noise the picture is
// the better witness.
constexpr double kModelError = 0.0056;

class MnistRestorer : public Restorer {
 public:
  explicit MnistRestorer(const model::SafeTensors& file) : vae_(nn::load_gaussian_vae(file).vae) {}

  Image restore(const ImageView& image, const Damage& damage, int threads,
                const Progress& progress) const override {
    const OpenMpThreads these(threads);
    keep_callers_threads();
    check_damage(image, damage);
    ImageView colours = image;
    colours.alpha = {};
    const auto x = small_picture(colours, vae_->config());
    const Seen seen{x, 1 - missing_pixels(image, damage), damage.noise / 255};
    const auto drawn = draw(descend(start(seen), seen, progress), seen);
    if (seen.noise == 0) return with_restored(image, damage, drawn);
    const double share = kModelError / (kModelError + seen.noise * seen.noise);
    return with_restored(image, damage, drawn + share * seen.known * (x - drawn));
  }

 private:
  struct Seen {
    torch::Tensor x, known;  // [1, colours, rows, columns], [1, 1, rows, columns]
    double noise;            // of samples 0..1
  };

  // [kChains, latent]: what imputation ends at, and others around it.
  [[nodiscard]] torch::Tensor start(const Seen& seen) const {
    const torch::NoGradGuard no_grad;
    auto full = seen.x * seen.known;
    full = full + (1 - seen.known) * full.sum({2, 3}, true) / seen.known.sum();  // each channel's mean
    torch::Tensor mean;
    for (int i = 0; i < kImputations; ++i) {
      mean = vae_.ptr()->encode(full).first;
      full = torch::where(seen.known > 0, seen.x, torch::sigmoid(vae_.ptr()->decode(mean)));
    }
    constexpr std::uint64_t kSeed = 1;
    auto away = at::randn({kChains, mean.size(1)}, at::detail::createCPUGenerator(kSeed));
    away[0].zero_();
    return mean + away;
  }

  // In nats, [kChains].
  [[nodiscard]] torch::Tensor energy(const torch::Tensor& z, const Seen& seen) const {
    const auto logits = vae_.ptr()->decode(z);
    // Without noise as the model was trained: grey values as probabilities.
    const auto misfit = seen.noise == 0 ? at::softplus(logits) - seen.x * logits
                                        : (torch::sigmoid(logits) - seen.x).square() /
                                              (2 * (seen.noise * seen.noise + kModelError));
    return (misfit * seen.known).flatten(1).sum(1) + 0.5 * z.square().sum(1);
  }

  [[nodiscard]] torch::Tensor descend(torch::Tensor z, const Seen& seen, const Progress& progress) const {
    const at::AutoGradMode with_gradients(true);
    auto mean = torch::zeros_like(z), square = torch::zeros_like(z);
    for (int i = 0; i < kSteps; ++i) {
      base::throw_if_interrupted();
      z.set_requires_grad(true);
      const auto gradient = torch::autograd::grad({energy(z, seen).sum()}, {z})[0];
      z = z.detach();
      mean.mul_(kFirstMoment).add_(gradient, 1 - kFirstMoment);
      square.mul_(kSecondMoment).addcmul_(gradient, gradient, 1 - kSecondMoment);
      const double correction = 1 - std::pow(kFirstMoment, i + 1);
      const auto size = (square / (1 - std::pow(kSecondMoment, i + 1))).sqrt_().add_(kSmall);
      const double rate = kFirstRate + (kLastRate - kFirstRate) * i / (kSteps - 1);
      z = z.addcdiv(mean, size, -rate / correction);
      if (progress) progress(i + 1, kSteps);
    }
    return z;
  }

  // The mean picture, [1, colours, rows, columns], each by its energy.
  [[nodiscard]] torch::Tensor draw(const torch::Tensor& z, const Seen& seen) const {
    const torch::NoGradGuard no_grad;
    const auto weight = torch::softmax(-energy(z, seen), 0).reshape({-1, 1, 1, 1});
    return (weight * torch::sigmoid(vae_.ptr()->decode(z))).sum(0, true);
  }

  nn::GaussianVae vae_;  // its functions change nothing, but are not const
};

}  // namespace

std::unique_ptr<Restorer> make_mnist_restorer(const model::SafeTensors& file) {
  return std::make_unique<MnistRestorer>(file);
}

}  // namespace vaec::codec
