#include "nn/two_level_vae.hpp"

#include <cmath>

#include "entropy/gaussian.hpp"
#include "nn/rate.hpp"

namespace vaec::nn {
namespace {

// At model::kReferenceLambda one rounding step of the closed form's latent is worth 45 code values.
constexpr double kClosedFormStep = 45.0 / 255.0;

// Rows [levels, ...] at evenly spaced t in 0..1, as rows at begin + scale * t: interpolated, and extrapolated beyond.
void move_levels(torch::Tensor& rows, double begin, double scale) {
  const auto last = rows.size(0) - 1;
  const auto position =
      (torch::arange(last + 1, torch::kFloat64) / static_cast<double>(last) * scale + begin) *
      static_cast<double>(last);
  const auto below = position.floor().clamp(0, static_cast<double>(last - 1));
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rows.dim()), 1);
  shape[0] = last + 1;
  const auto t = (position - below).to(rows.options()).reshape(shape);
  const auto index = below.to(torch::kInt64).to(rows.device());
  rows.copy_(rows.index_select(0, index) * (1 - t) + rows.index_select(0, index + 1) * t);
}

// A convolution sees its last input, the same at all positions, as scale * x + offset.
void move_last_input(torch::Tensor& weight, torch::Tensor& bias, double scale, double offset) {
  auto of_plane = weight.select(1, weight.size(1) - 1);
  bias.add_(of_plane.sum({1, 2}), offset);
  of_plane.mul_(scale);
}

}  // namespace

torch::Tensor interpolate_gain(const torch::Tensor& log_levels, const torch::Tensor& quality) {
  const auto levels = log_levels.size(0);
  const auto position =
      (quality - kMinQuality) / (kMaxQuality - kMinQuality) * static_cast<double>(levels - 1);
  const auto below = position.floor().clamp(0, static_cast<double>(levels - 2));
  const auto t = (position - below).unsqueeze(1);
  const auto index = below.to(torch::kInt64);
  const auto log_gain =
      log_levels.index_select(0, index) * (1 - t) + log_levels.index_select(0, index + 1) * t;
  return log_gain.exp().unsqueeze(2).unsqueeze(3);
}

torch::Tensor quality_plane(const torch::Tensor& quality, std::int64_t h, std::int64_t w) {
  const auto centred = (quality - 0.5 * (kMinQuality + kMaxQuality)) / (0.5 * (kMaxQuality - kMinQuality));
  return centred.reshape({-1, 1, 1, 1}).expand({-1, 1, h, w});
}

TwoLevelVaeImpl::TwoLevelVaeImpl(const model::PhotoConfig& config) : config_(config) {
  analysis = register_module("g_a", Analysis(config));
  synthesis = register_module("g_s", Synthesis(config));
  hyper_analysis = register_module("h_a", HyperAnalysis(config));
  hyper_synthesis = register_module("h_s", HyperSynthesis(config));
  // A rounding step of D'(R) = -lambda: the step is proportional to lambda^(-1/2), the gain to its inverse.
  auto gains = torch::empty({config.levels});
  for (int k = 0; k < config.levels; ++k) {
    const double quality =
        kMinQuality + (kMaxQuality - kMinQuality) * static_cast<double>(k) / (config.levels - 1);
    gains[k] = 0.5 * std::log(config.lambda(quality) / model::kReferenceLambda);
  }
  const auto log_gains = gains.unsqueeze(1).expand({-1, config.latent});
  log_gain = register_parameter("log_gain", log_gains.clone());
  log_inverse_gain = register_parameter("log_inverse_gain", -log_gains.clone());
  lf_density = register_module("lf_density", LfDensity(config));
  hyper_density = register_module("hyper_density", HyperDensity(config));
  const std::vector<std::int64_t> lf(config.lf.begin(), config.lf.end());
  lf_channels_ = register_buffer("lf_channels", torch::tensor(lf, torch::kInt64));
  is_lf_ = register_buffer("is_lf", torch::zeros({1, config.latent, 1, 1}).index_fill(1, lf_channels_, 1));
  to_channels_last(*this);
}

void TwoLevelVaeImpl::set_lambda_range(double lambda_min, double lambda_max) {
  const torch::NoGradGuard no_grad;
  // What quality q = 1 + 99 t of the new range was in the old one: t' = begin + scale * t.
  const double span = std::log(config_.lambda_max / config_.lambda_min);
  const double begin = std::log(lambda_min / config_.lambda_min) / span,
               scale = std::log(lambda_max / lambda_min) / span;
  config_.lambda_min = lambda_min;
  config_.lambda_max = lambda_max;
  for (auto* levels : {&log_gain, &log_inverse_gain, &hyper_density->mean, &hyper_density->log_scale,
                       &hyper_density->weight}) {
    move_levels(*levels, begin, scale);
  }
  auto parameters = named_parameters();
  const auto move_plane = [&](const std::string& layer, double offset) {
    move_last_input(parameters[layer + ".weight"], parameters[layer + ".bias"], scale, offset);
  };
  // Of 2 t - 1, and of q - kQualityCentre.
  const double of_unit = 2 * begin + scale - 1;
  move_plane("g_s.stem", of_unit);
  move_plane("h_a.first", of_unit);
  constexpr double kSteps = kMaxQuality - kMinQuality, kCentre = model::kQualityCentre - kMinQuality;
  move_plane("h_s.trunk0", (kSteps * begin + (scale - 1) * kCentre) * kHyperStep);
}

torch::Tensor TwoLevelVaeImpl::gain(const torch::Tensor& quality, bool forward_gain) const {
  return interpolate_gain(forward_gain ? log_gain : log_inverse_gain, quality);
}

RateDistortion TwoLevelVaeImpl::forward(const torch::Tensor& x, const torch::Tensor& quality,
                                        const std::optional<RoundingNoise>& noise,
                                        torch::ScalarType precision) {
  const GradientsIn gradients_in(precision);
  return code(analysis(x, precision) * gain(quality, true), quality, noise, precision);
}

RateDistortion TwoLevelVaeImpl::code(const torch::Tensor& y, const torch::Tensor& quality,
                                     const std::optional<RoundingNoise>& noise, torch::ScalarType precision,
                                     const Quantizer& quantizer) {
  const auto coded = predict(y, quality, noise, quantizer);
  const auto plane = quality_plane(quality, y.size(2), y.size(3));
  return {synthesis(coded.y_hat * gain(quality, false), plane, precision), coded.y_bits, coded.z_bits};
}

const TwoLevelVaeImpl::Quantizer& TwoLevelVaeImpl::encoders_quantizer() {
  static const Quantizer quantizer{round_straight_through, quantize};
  return quantizer;
}

CodedLatent TwoLevelVaeImpl::predict(const torch::Tensor& y, const torch::Tensor& quality,
                                     const std::optional<RoundingNoise>& noise, const Quantizer& quantizer) {
  const auto h = y.size(2), w = y.size(3);
  const auto rest = 1 - is_lf_;
  const auto lf_hat = quantizer.lf(y.index_select(1, lf_channels_));
  const auto lf_in_y = torch::zeros_like(y).index_copy(1, lf_channels_, lf_hat);
  const auto z = hyper_analysis(y, quality_plane(quality, h, w));
  CodedLatent coded;
  coded.z =
      clamp_straight_through(round_straight_through(z), -model::kHyperMagnitude, model::kHyperMagnitude);
  const auto integer_plane =
      (quality - model::kQualityCentre).reshape({-1, 1, 1, 1}).expand({-1, 1, z.size(2), z.size(3)});
  const auto features = hyper_synthesis->features(torch::cat({coded.z, integer_plane}, 1), lf_hat);
  // Symbols of tables that hardly know another one are zero.
  const auto decoded = [&](const torch::Tensor& mean, const torch::Tensor& index) {
    const auto coded_ones = (index > model::kZeroScale).to(y.scalar_type());
    return (quantizer.rest(y - mean, index * rest) * coded_ones + mean) * rest + lf_in_y;
  };
  const auto first = hyper_synthesis->first_pass(features);
  const auto odd = odd_positions(h, w, y.options());
  const auto first_halves = first.chunk(2, 1);
  const auto first_mean = first_halves[0] / model::kMeanUnit;
  const auto first_hat = decoded(first_mean, first_halves[1]);
  const auto second = hyper_synthesis->second_pass(features, first, first_hat * (1 - odd) * model::kMeanUnit);
  const auto prediction = (first + (second - first) * odd).chunk(2, 1);
  coded.mean = prediction[0] / model::kMeanUnit;
  coded.scale_index = prediction[1];
  coded.y_hat = decoded(coded.mean, coded.scale_index);

  // In units of the bins' width.
  const auto scale = scale_of_index(coded.scale_index);
  const auto width = noise ? noise_width(scale) : bin_width(scale, coded.scale_index);
  const auto inverse = width.reciprocal();
  const auto bits = logistic_bits(noise ? y * inverse + noise->y : coded.y_hat * inverse,
                                  coded.mean * inverse, scale * inverse);
  // Without noise only what is coded counts; with it all, so that scales are drawn to where they belong.
  const auto counted = noise ? rest : rest * (coded.scale_index > model::kZeroScale);
  const auto lf = noise ? (y + noise->y).index_select(1, lf_channels_) : lf_hat;
  coded.y_bits = (bits * counted).sum({1, 2, 3}) + lf_density->bits(lf);
  const auto level = ((quality - kMinQuality) / (kMaxQuality - kMinQuality) * (config_.levels - 1)).round();
  coded.z_bits = hyper_density->bits(noise ? z + noise->z : coded.z, level.to(torch::kInt64));
  return coded;
}

RoundingNoise TwoLevelVaeImpl::draw_noise(std::int64_t count, std::int64_t h, std::int64_t w,
                                          torch::Device device) const {
  const auto draw = [&](std::int64_t channels, std::int64_t stride) {
    const auto cells = [&](std::int64_t pixels) { return (pixels + stride - 1) / stride; };
    return (torch::rand({count, cells(h), cells(w), channels}, device) - 0.5).permute({0, 3, 1, 2});
  };
  return {draw(config_.latent, model::kLatentStride), draw(config_.hyper, model::kHyperStride)};
}

// Principal components of 16x16 RGB blocks: the Karhunen-Loève transform, of which the DCT is the classical
// approximation. The analysis takes the leading ones, the synthesis is its transpose.
void TwoLevelVaeImpl::set_closed_form(const torch::Tensor& patches) {
  const torch::NoGradGuard no_grad;
  const auto device = patches.device();
  const auto cells = space_to_depth(patches, model::kLatentStride).flatten(1);
  const auto x = cells.to(torch::kFloat64).cpu() - 0.5;
  const auto [values, vectors] = torch::linalg_eigh(torch::matmul(x.t(), x) / static_cast<double>(x.size(0)));
  const auto count = config_.latent;
  const auto basis =
      vectors.slice(1, vectors.size(1) - count).flip({1}).to(torch::kFloat32).to(device);  // [768, M]
  const auto variance = values.slice(0, values.size(0) - count).flip({0}).to(torch::kFloat32).to(device);
  choose_lf(basis);
  analysis->linear->weight.copy_((basis.t() / kClosedFormStep).reshape({count, -1, 1, 1}));
  synthesis->linear->weight.copy_((basis * kClosedFormStep).reshape({-1, count, 1, 1}));
  analysis->linear->bias.zero_();
  synthesis->linear->bias.zero_();
  const double index_step = std::log(entropy::kScaleMax / entropy::kScaleMin) / (entropy::kScaleCount - 1);
  const auto scale = variance.clamp_min(1e-12).sqrt() / kClosedFormStep;
  hyper_synthesis->set_scale_bias(
      ((scale / entropy::kScaleMin).log() / index_step).clamp(2, entropy::kScaleCount - 4));
}

// Those components that hold most of the blocks' mean colours.
void TwoLevelVaeImpl::choose_lf(const torch::Tensor& basis) {
  const auto count = static_cast<std::int64_t>(config_.lf.size());
  const auto of_means = basis.reshape({-1, 3, config_.latent}).sum(0).square().sum(0);
  const auto chosen = std::get<0>(std::get<1>(of_means.topk(count)).sort());
  lf_channels_.copy_(chosen);
  is_lf_.zero_().index_fill_(1, chosen, 1);
  for (std::int64_t i = 0; i < count; ++i) config_.lf[static_cast<std::size_t>(i)] = chosen[i].item<int>();
}

}  // namespace vaec::nn
