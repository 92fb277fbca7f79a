#include "nn/hyper_synthesis.hpp"

#include <algorithm>

#include "entropy/gaussian.hpp"
#include "nn/layers.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

constexpr double kActivationStep = 1.0 / 16;  // of one step between layers, and of compand()
constexpr double kMeanStep = 1.0 / 64;        // a real output of 1 is a mean of 4 rounding steps
constexpr double kScaleStep = 1.0 / 16;       // a real output of 1 is 16 scale indices, a factor of 7

using model::kCompandEnd, model::kLinearEnd;

constexpr std::size_t kTrunk = 0, kLf = 1, kFirst = 2, kContext = 3,
                      kSecond = 4;  // indices into model::kHyperParts

torch::Tensor constant(std::int64_t channels, double value) {
  return torch::full({channels}, value, torch::kFloat32);
}

torch::Tensor halves(std::int64_t channels, double first, double second) {
  return torch::cat({constant(channels / 2, first), constant(channels / 2, second)});
}

// The means of both passes add up; the scale indices are the second's own.
torch::Tensor add_means(const torch::Tensor& second, const torch::Tensor& first) {
  const auto latent = first.size(1) / 2;
  return torch::cat({second.slice(1, 0, latent) + first.slice(1, 0, latent), second.slice(1, latent)}, 1);
}

// Means of +-2047 are never reached in training: only the scale indices need their bounds.
torch::Tensor clamp_scales(const torch::Tensor& prediction) {
  const auto halves_of = prediction.chunk(2, 1);
  return torch::cat({halves_of[0], clamp_straight_through(halves_of[1], 0, entropy::kScaleCount - 1)}, 1);
}

struct CompandStraightThrough : torch::autograd::Function<CompandStraightThrough> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& v) {
    // frexp: |v| / 32 = mantissa * 2^exponent with a mantissa in [1/2, 1), so that k = exponent - 1.
    const auto u = v.abs().clamp_max(kCompandEnd);
    const auto k = std::get<1>(torch::frexp(u / kLinearEnd)).sub_(1).clamp_min_(0);
    const auto slope = torch::ldexp(torch::full_like(u, 0.5), -k);  // of the piece that begins at 32 * 2^k
    const auto linear = (u <= kLinearEnd).to(v.scalar_type());
    const auto curved =
        (u * slope).floor_().add_(16 * k + 16);  // (u - 32 * 2^k) / 2^(k + 1) = u * slope - 16
    context->save_for_backward({slope + linear * (1 - slope)});
    return (curved + linear * (u - curved)) * v.sign();
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0]};
  }
};

}  // namespace

torch::Tensor compand_straight_through(const torch::Tensor& v) { return CompandStraightThrough::apply(v); }

torch::Tensor odd_positions(std::int64_t h, std::int64_t w, const torch::TensorOptions& options) {
  const auto rows = torch::arange(h, torch::kInt64).unsqueeze(1),
             columns = torch::arange(w, torch::kInt64).unsqueeze(0);
  return ((rows + columns) % 2).to(options).reshape({1, 1, h, w});
}

torch::Tensor lf_slopes(const torch::Tensor& v) {
  const auto right = torch::constant_pad_nd(v.slice(3, 1) - v.slice(3, 0, -1), {0, 1}),
             down = torch::constant_pad_nd(v.slice(2, 1) - v.slice(2, 0, -1), {0, 0, 0, 1});
  const auto slopes = compand_straight_through(torch::stack({right, down}, 2) * model::kMeanUnit);
  return torch::stack({slopes.clamp_min(0), (-slopes).clamp_min(0)}, 3).flatten(1, 3);
}

IntegerHyperSynthesis::IntegerHyperSynthesis(IntegerNetwork trunk, IntegerNetwork lf, IntegerNetwork first,
                                             IntegerNetwork context, IntegerNetwork second)
    : trunk_(std::move(trunk)),
      lf_(std::move(lf)),
      first_(std::move(first)),
      context_(std::move(context)),
      second_(std::move(second)) {}

const IntegerNetwork& IntegerHyperSynthesis::part(const std::string& name) const {
  const IntegerNetwork* parts[] = {&trunk_, &lf_, &first_, &context_, &second_};
  const auto* at = std::find(std::begin(model::kHyperParts), std::end(model::kHyperParts), name);
  if (at == std::end(model::kHyperParts)) throw Error(ErrorCode::kInternal, "h_s has no part " + name);
  return *parts[at - std::begin(model::kHyperParts)];
}

HyperSynthesisImpl::HyperSynthesisImpl(const model::PhotoConfig& config) : latent_(config.latent) {
  for (const std::string part : model::kHyperParts) {
    std::vector<QuantizedConv> layers;
    const auto shapes = model::hyper_synthesis_shape(config, part);
    double in_step = part == "trunk" ? kHyperStep : kActivationStep;
    double in_bound = static_cast<double>(model::hyper_input_bound(part));
    const bool predicts = part == "first" || part == "second";
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto& s = shapes[i];
      if (predicts && i + 1 == shapes.size()) {
        layers.push_back(QuantizedConv(s.in, s.out, s.kernel, s.upsample, in_step, in_bound,
                                       halves(s.out, kMeanStep, kScaleStep),
                                       halves(s.out, -double{model::kMeanMaximum}, 0),
                                       halves(s.out, model::kMeanMaximum, entropy::kScaleCount - 1)));
      } else {
        layers.push_back(QuantizedConv(s.in, s.out, s.kernel, s.upsample, in_step, in_bound,
                                       constant(s.out, kActivationStep), constant(s.out, 0),
                                       constant(s.out, model::kFeatureMaximum)));
      }
      register_module(part + std::to_string(i), layers.back());
      in_step = kActivationStep;
      in_bound = model::kFeatureMaximum;
    }
    parts_.push_back(std::move(layers));
  }
}

torch::Tensor HyperSynthesisImpl::features(const torch::Tensor& z_and_quality, const torch::Tensor& lf) {
  auto x = z_and_quality;
  for (auto& layer : parts_[kTrunk]) x = layer(x);
  x = x.slice(2, 0, lf.size(2)).slice(3, 0, lf.size(3));
  return torch::cat({x, parts_[kLf][0](lf_slopes(lf))}, 1);
}

torch::Tensor HyperSynthesisImpl::first_pass(const torch::Tensor& features) {
  return clamp_scales(parts_[kFirst][0](features));
}

torch::Tensor HyperSynthesisImpl::second_pass(const torch::Tensor& features, const torch::Tensor& first,
                                              const torch::Tensor& latent) {
  const auto context = parts_[kContext][0](compand_straight_through(latent));
  auto x = torch::cat({features, context}, 1);
  for (auto& layer : parts_[kSecond]) x = layer(x);
  return add_means(clamp_scales(x), first);
}

IntegerNetwork HyperSynthesisImpl::quantized(std::size_t part) const {
  std::vector<IntegerLayer> layers;
  for (const auto& layer : parts_[part]) layers.push_back(layer->quantized());
  return IntegerNetwork(std::move(layers), model::hyper_input_bound(model::kHyperParts[part]));
}

IntegerHyperSynthesis HyperSynthesisImpl::quantized() const {
  return IntegerHyperSynthesis(quantized(kTrunk), quantized(kLf), quantized(kFirst), quantized(kContext),
                               quantized(kSecond));
}

void HyperSynthesisImpl::set_from(const IntegerHyperSynthesis& networks) {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const auto& layers = networks.part(model::kHyperParts[part]).layers();
    for (std::size_t i = 0; i < layers.size(); ++i) parts_[part][i]->set_from(layers[i]);
  }
}

void HyperSynthesisImpl::set_scale_bias(const torch::Tensor& scale_index) {
  const torch::NoGradGuard no_grad;
  for (const auto part : {kFirst, kSecond}) {
    auto& bias = parts_[part].back()->bias;
    bias.slice(0, 0, latent_).zero_();
    bias.slice(0, latent_).copy_(scale_index * kScaleStep);
  }
}

}  // namespace vaec::nn
