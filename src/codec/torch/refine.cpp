#include "codec/torch/refine.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/interrupt.hpp"
#include "codec/torch/pixel_tensor.hpp"
#include "codec/torch/windows.hpp"
#include "entropy/dependent_quantizer.hpp"
#include "loss/distortion.hpp"

namespace vaec::codec {
namespace {

// Latent positions; multiples of 4, so that windows begin where hyper-latents do.
constexpr std::int64_t kCore = 48, kHalo = 8;
// Adam's, found on validation pictures, those for the eye on training pictures (docs/experiments.md). The more steps, the
// shorter each: going further than that in all betters the relaxed problem, not the real one. Gradients (bits a rounding
// step) well below kEpsilon move a latent in proportion, not by the full rate: most latents are zero and should stay so.
constexpr double kMseTravel = 0.2, kEyeTravel = 0.3, kLargestRate = 0.1;
constexpr double kFinalShare = 0.1;
constexpr double kBeta1 = 0.9, kBeta2 = 0.99, kEpsilon = 4;
constexpr double kFirstTemperature = 0.4, kLastTemperature = 0.2;  // of the soft rounding
constexpr double kRelaxedDistortion = 1.5;  // its weight: what is relaxed errs less than what is coded

// 1 inside the picture, 0 on the padding: [1, 1, height, width].
torch::Tensor inside(const ImageView& image, std::int64_t top, std::int64_t left, std::int64_t height,
                     std::int64_t width) {
  auto mask = torch::zeros({1, 1, height, width});
  mask.slice(2, 0, std::clamp<std::int64_t>(image.height - top, 0, height))
      .slice(3, 0, std::clamp<std::int64_t>(image.width - left, 0, width))
      .fill_(1);
  return mask;
}

// Towards zero by what the choice of whole symbols keeps to it, so that rounding gives what it chooses.
torch::Tensor without_dead_zone(const torch::Tensor& v, const torch::Tensor& index) {
  return v.sign() * torch::relu(v.abs() - nn::dead_zone(index));
}

// Rounding as the mean of stochastic Gumbel annealing's choice between the neighbours (Yang 2020): softer the
// higher the temperature. With f = v - floor(v) it is
//   floor(v) + sigmoid((atanh(f) - atanh(1 - f)) / temperature)
struct SoftRound : torch::autograd::Function<SoftRound> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& v,
                               double temperature) {
    const auto below = v.floor();
    const auto f = (v - below).clamp_(1e-3, 1 - 1e-3);
    const auto g = 1 - f, p = f * (1 + f), q = g * (1 + g);
    auto up = (p / q).log_().mul_(0.5 / temperature).sigmoid_();
    const auto slope = (1 - up).mul_(up).mul_(1 / temperature);
    context->save_for_backward({((g * (1 + f)).reciprocal_() + (f * (1 + g)).reciprocal_()).mul_(slope)});
    return up.add_(below);
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0], torch::Tensor()};
  }
};

// What is decoded of a latent minus its mean, relaxed: whole steps, or with larger scales those of Q0, as if it
// stood alone. A relaxed trellis is no better: docs/experiments.md.
torch::Tensor relaxed(const torch::Tensor& v, const torch::Tensor& index, double temperature) {
  constexpr double kStep = 2.0 * entropy::kHalfStep / entropy::kValueUnit;
  const auto step = torch::where(index >= entropy::kDependentScale, kStep, 1.0).to(v.scalar_type());
  return step * SoftRound::apply(without_dead_zone(v / step, index), temperature);
}

// Of a window, in bits: the rate and lambda times what the model counts as distortion, inside the picture. What cannot be
// measured on so small a picture, or on such sides, is measured on one that goes on without errors.
class Cost {
 public:
  Cost(const model::PhotoConfig& config, int quality, const torch::Tensor& x, const torch::Tensor& mask)
      : distortion_(config.distortion), x_(x), mask_(mask) {
    const auto beyond = [&](std::int64_t side) {
      constexpr std::int64_t kMultiple = 64;
      const auto least = std::max(side, loss::smallest_crop(distortion_));
      return (least + kMultiple - 1) / kMultiple * kMultiple - side;
    };
    if (!distortion_.is_mse()) beyond_ = {0, beyond(x.size(3)), 0, beyond(x.size(2))};
    continued_ = torch::replication_pad2d(x, beyond_);
    weight_ = config.lambda(quality) * static_cast<double>(continued_.size(2) * continued_.size(3));
  }

  // `share`: the weight of the distortion.
  [[nodiscard]] torch::Tensor operator()(const nn::RateDistortion& out, double share) const {
    const auto error = torch::constant_pad_nd((out.x_hat - x_) * mask_, beyond_);
    return out.y_bits.sum() + out.z_bits.sum() +
           share * weight_ * loss::distortion(distortion_, continued_ + error, continued_).sum();
  }

 private:
  model::Distortion distortion_;
  torch::Tensor x_, mask_, continued_;
  std::vector<std::int64_t> beyond_ = {0, 0, 0, 0};
  double weight_ = 0;
};

torch::Tensor refine_window(nn::TwoLevelVaeImpl& vae, const torch::Tensor& x, const torch::Tensor& mask,
                            const torch::Tensor& start, int quality, int steps, torch::ScalarType precision) {
  const auto at_quality = torch::full({1}, static_cast<float>(quality));
  const Cost cost(vae.config(), quality, x, mask);
  const double travel = vae.config().distortion.is_mse() ? kMseTravel : kEyeTravel;
  const double rate = std::min(kLargestRate, travel / steps);
  auto y = start.clone();
  auto mean = torch::zeros_like(y), square = torch::zeros_like(y);
  for (int i = 0; i < steps; ++i) {
    base::throw_if_interrupted();
    const double done = steps > 1 ? static_cast<double>(i) / (steps - 1) : 1;
    const double temperature = kFirstTemperature * std::pow(kLastTemperature / kFirstTemperature, done);
    const nn::TwoLevelVaeImpl::Quantizer quantizer{
        [&](const torch::Tensor& lf) { return SoftRound::apply(lf, temperature); },
        [&](const torch::Tensor& v, const torch::Tensor& index) { return relaxed(v, index, temperature); }};
    y.set_requires_grad(true);
    const auto relaxed_loss =
        cost(vae.code(y, at_quality, std::nullopt, precision, quantizer), kRelaxedDistortion);
    const auto gradient = torch::autograd::grad({relaxed_loss}, {y})[0];
    y = y.detach();
    mean.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    square.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double correction1 = 1 - std::pow(kBeta1, i + 1), correction2 = 1 - std::pow(kBeta2, i + 1);
    const auto size = (square / correction2).sqrt_().add_(kEpsilon);
    y = y.addcdiv(mean, size, -rate * (1 - (1 - kFinalShare) * done) / correction1);
  }
  // What betters the relaxed problem may not better the real one: noise, above all, has nothing to be bettered.
  const torch::NoGradGuard no_grad;
  const auto real_cost = [&](const torch::Tensor& of) {
    return cost(vae.code(of, at_quality, std::nullopt, precision), 1).item<double>();
  };
  return real_cost(y) < real_cost(start) ? y : start;
}

}  // namespace

torch::Tensor refine(nn::TwoLevelVaeImpl& vae, const ImageView& image, const torch::Tensor& y, int quality,
                     int steps, torch::ScalarType precision) {
  const at::AutoGradMode with_gradients(true);
  auto refined = torch::empty_like(y);
  constexpr auto kStride = model::kLatentStride;
  for_each_window(y.size(2), y.size(3), kCore, kHalo, [&](const Window& w) {
    const auto height = w.outer_bottom - w.outer_top, width = w.outer_right - w.outer_left;
    const auto top = w.outer_top * kStride, left = w.outer_left * kStride;
    const auto x = pixels(image, top, left, height * kStride, width * kStride);
    const auto mask = inside(image, top, left, height * kStride, width * kStride);
    const auto start = y.slice(2, w.outer_top, w.outer_bottom).slice(3, w.outer_left, w.outer_right);
    const auto part = refine_window(vae, x, mask, start.contiguous(at::MemoryFormat::ChannelsLast), quality,
                                    steps, precision);
    refined.slice(2, w.top, w.bottom).slice(3, w.left, w.right) =
        part.slice(2, w.top - w.outer_top, w.bottom - w.outer_top)
            .slice(3, w.left - w.outer_left, w.right - w.outer_left);
  });
  return refined;
}

}  // namespace vaec::codec
