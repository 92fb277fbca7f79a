#include "nn/synthesis_quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <type_traits>

#include "nn/integer_ops.hpp"
#include "nn/layers.hpp"
#include "nn/weight_rounding.hpp"

namespace vaec::nn {
namespace {

using model::SynthesisLayer, model::WideLayer;

// Ranges beyond what the latents at hand need: those of other pictures are up to four times as large.
constexpr double kLatentHeadroom = 8, kStreamHeadroom = 4, kSumHeadroom = 1.25;
constexpr double kDamping =
    0.005;  // of the mean diagonal: what least squares is pulled to the trained weights by
constexpr double kRateWeight = 0.6;
constexpr double kTiny = 1e-9;
constexpr std::int64_t kPositionsTogether = 2048;  // at 1/16, of one sample
// Of the positions at 1/16, half of which are left at 1/8, and a quarter at 1/4. Fewer do not know how large values get
// (docs/experiments.md, "The integer synthesis").
constexpr std::size_t kFewestLatents = 16;
constexpr std::int64_t kPositionsAWeight = 112;
constexpr std::int64_t kMostPositions = 2048, kFewPositions = 512;  // of a latent's: for weights, for steps
constexpr double kPixel = 255.0 * model::kPixelUnit;

torch::Tensor largest(const torch::Tensor& x) { return x.abs().amax({0, 2, 3}).to(torch::kFloat64); }
torch::Tensor by_channel(const torch::Tensor& v) { return v.reshape({1, -1, 1, 1}); }

std::vector<std::int32_t> integers(const torch::Tensor& values) {
  constexpr double kBound = 2e9;
  const auto rounded = values.round().clamp(-kBound, kBound).to(torch::kInt32).contiguous();
  return {rounded.data_ptr<std::int32_t>(), rounded.data_ptr<std::int32_t>() + rounded.numel()};
}

class SynthesisQuantizer {
 public:
  SynthesisQuantizer(TwoLevelVae& vae, const std::vector<DecodedLatent>& latents)
      : config_(vae->config()),
        layers_(model::synthesis_shape(config_)),
        trained_on_(vae->synthesis->grid()) {
    for (const auto& parameter : vae->synthesis->named_parameters()) {
      weights_[parameter.key()] = vae->synthesis->rounded(parameter.key()).detach().cpu().to(torch::kFloat32);
    }
    inverse_gain_ = [&vae](int quality) {
      const auto device = vae->log_inverse_gain.device();
      return vae->gain(torch::full({1}, static_cast<float>(quality), device), false)
          .cpu()
          .to(torch::kFloat64);
    };
    // Enough for the weights of the largest layer, and some of all qualities.
    const auto& widths = config_.synthesis.channels;
    const auto needed = kPositionsAWeight * 9 * *std::max_element(widths.begin(), widths.end());
    const auto of_one = latents.empty() ? 1 : latents.front().y.numel() / config_.latent;
    const auto wanted = std::max(kFewestLatents, static_cast<std::size_t>((needed + of_one - 1) / of_one));
    const auto count = std::min(latents.size(), wanted);
    // Some of them, of all pictures and qualities, and so are those that thin_out() leaves.
    std::vector<std::size_t> order(latents.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    for (std::size_t i = 0; i < count; ++i) add(latents[order[i]].y.cpu(), latents[order[i]].quality);
  }

  model::SynthesisLayers run() {
    measure();
    make_linear();
    for (auto& s : samples_) {
      s.scaled = integer_ops::scale(layers_.gain, s.y, s.quality).to(torch::kFloat32);
      s.stream = convolved("stem", stem_input(s));
    }
    fit_wide(
        layers_.stem, "stem", stream_step_[2], latent_step_, [](Sample& s) { return s.scaled; },
        [](Sample& s) { return s.stream; });
    for (auto& s : samples_) {
      s.integers =
          integer_ops::wide(layers_.stem, s.scaled, layers_.stem_quality, plane_of(s)).to(torch::kFloat32);
    }
    int stage = 0;
    const auto next = [&] { return "stages." + std::to_string(stage++); };
    for (const std::size_t scale : {2, 1, 0}) {
      if (scale == 0 && layers_.skip) fit_skip();
      for (auto& block : layers_.blocks[scale]) fit_block(block, next(), scale);
      if (scale == 0) break;
      fit_up(layers_.up[2 - scale], next(), scale);
      thin_out();
    }
    const auto step = torch::full({config_.synthesis.channels[0]}, stream_step_[0], torch::kFloat64);
    fit_wide(
        layers_.last, "last", 1 / kPixel, step, [](Sample& s) { return integer_ops::activated(s.integers); },
        [this](Sample& s) {
          const auto picture = depth_to_space(convolved("linear", real(s)), model::kLatentStride);
          const auto rest = picture - depth_to_space(linear(s), model::kLatentStride) / kPixel;
          return convolved("last", activation(s.stream)) + space_to_depth(rest, 4);
        });
    return std::move(layers_);
  }

  // Of what run() gave.
  [[nodiscard]] const SynthesisGrid& grid() const { return grid_; }

 private:
  struct Sample {
    torch::Tensor y;  // int32, as decoded
    int quality;
    torch::Tensor scaled = {};  // y of 16 bits
    torch::Tensor hidden = {};  // of the block in work
    torch::Tensor stream = {},
                  integers = {};  // a residual stream: of the float network, and the integer one's
  };
  using Take = std::function<torch::Tensor(Sample&)>;

  // Small latents are taken together, large ones apart.
  void add(const torch::Tensor& y, int quality) {
    const auto positions = y.size(2) * y.size(3);
    for (auto& s : samples_) {
      if (s.quality == quality && s.y.sizes().slice(1) == y.sizes().slice(1) &&
          (s.y.size(0) + y.size(0)) * positions <= kPositionsTogether) {
        s.y = torch::cat({s.y, y});
        return;
      }
    }
    const auto at_once = std::max<std::int64_t>(1, kPositionsTogether / positions);
    for (const auto& part : y.split(at_once)) samples_.push_back({part, quality});
  }

  // Finer stages have four times as many positions a sample, and fewer channels.
  void thin_out() {
    for (std::size_t i = 1; 2 * i < samples_.size(); ++i) samples_[i] = std::move(samples_[2 * i]);
    samples_.resize((samples_.size() + 1) / 2);
  }

  [[nodiscard]] torch::Tensor real(const Sample& s) const {
    return (s.y.to(torch::kFloat64) / model::kMeanUnit * inverse_gain_(s.quality)).to(torch::kFloat32);
  }
  [[nodiscard]] torch::Tensor stem_input(const Sample& s) const {
    const auto y = real(s);
    const auto plane =
        quality_plane(torch::full({y.size(0)}, static_cast<float>(s.quality)), y.size(2), y.size(3));
    return torch::cat({y / model::kLatentScale, plane}, 1);
  }
  // By how much a latent's errors count: about as the inverse of the picture's own error at its quality.
  [[nodiscard]] float weight_of(const Sample& s) const {
    return static_cast<float>(std::pow(config_.lambda(s.quality) / model::kReferenceLambda, kRateWeight));
  }
  // [N, C, h, w] -> [C, n]: every so many positions, an odd number, so that all places within the cells of coarser stages are
  // among them.
  static torch::Tensor some_positions(const torch::Tensor& x, std::int64_t most) {
    const auto flat = x.flatten(2).permute({1, 0, 2}).flatten(1);
    const auto stride = (flat.size(1) + most - 1) / most | 1;
    return flat.slice(1, 0, c10::nullopt, stride).to(torch::kFloat32);
  }
  [[nodiscard]] static int plane_of(const Sample& s) { return 2 * s.quality - (kMinQuality + kMaxQuality); }
  // The integer linear branch, in 1/64 of a code value.
  [[nodiscard]] torch::Tensor linear(const Sample& s) const {
    return integer_ops::wide(layers_.linear, s.scaled).to(torch::kFloat32);
  }
  [[nodiscard]] torch::Tensor convolved(const std::string& name, const torch::Tensor& x) const {
    const auto& w = weights_.at(name + ".weight");
    return torch::conv2d(x, w, weights_.at(name + ".bias"), 1, w.size(2) / 2);
  }

  // The largest values that the float network meets.
  void measure() {
    const auto& c = config_.synthesis;
    for (auto& s : samples_) {
      const auto meet = [this](const std::string& name, const torch::Tensor& x) {
        const auto found = largest(x);
        auto& known = largest_[name];
        known = known.defined() ? torch::maximum(known, found) : found;
      };
      const auto y = real(s);
      meet("y", y);
      auto x = convolved("stem", stem_input(s));
      int stage = 0;
      for (const std::size_t scale : {2, 1, 0}) {
        const auto of_stage = "stream" + std::to_string(scale);
        if (scale == 0 && c.skip) {
          meet(of_stage, x);
          x = x + convolved("skip",
                            space_to_depth(depth_to_space(convolved("linear", y), model::kLatentStride), 4));
        }
        meet(of_stage, x);
        for (int i = 0; i < c.blocks[scale]; ++i) {
          const auto name = "stages." + std::to_string(stage++);
          meet(name, x);
          const auto sums = convolved(name + ".first", x);
          // What is below zero has fewer steps.
          meet(name + ".hidden", torch::maximum(sums, -sums * model::kLeakySlope * model::kHiddenMaximum /
                                                          -model::kHiddenMinimum));
          x = x + convolved(name + ".second", activation(sums));
          meet(of_stage, x);
        }
        if (scale > 0) {
          const auto name = "stages." + std::to_string(stage++);
          meet(name, x);
          x = depth_to_space(convolved(name, x), 2);
        }
      }
    }
    for (std::size_t scale = 0; scale < 3; ++scale) {
      const double most = largest_.at("stream" + std::to_string(scale)).max().item<double>();
      stream_step_[scale] =
          trained_on_ ? trained_on_->stream[scale] : std::max(most, kTiny) * kStreamHeadroom / 32767;
    }
    grid_.stream = stream_step_;
  }

  // The step of each channel with which whole numbers of low to high lose the least of take()'s values, rare large
  // ones bounded.
  torch::Tensor best_steps(const Take& take, const torch::Tensor& most, double low, double high) {
    std::vector<torch::Tensor> parts, weights;
    for (auto& s : samples_) {
      parts.push_back(some_positions(take(s), kFewPositions));
      weights.push_back(torch::full({parts.back().size(1)}, weight_of(s)));
    }
    const auto values = torch::cat(parts, 1), counts = torch::cat(weights);
    torch::Tensor least, best;
    for (double share = 1; share > 0.05; share *= 0.8) {
      const auto step = (most.clamp_min(most.max().clamp_min(kTiny) * 1e-3) * share / high)
                            .to(torch::kFloat32)
                            .unsqueeze(1);
      auto error = values / step;
      error = (error.round().clamp_(low, high).sub_(error)).mul_(step);
      const auto lost = torch::mv(error.square_(), counts);
      best = best.defined() ? torch::where(lost < least, step.squeeze(1), best) : step.squeeze(1);
      least = least.defined() ? torch::minimum(least, lost) : lost;
    }
    return best.to(torch::kFloat64);
  }

  void make_linear() {
    auto& made = layers_.gain;
    // Each channel has all of 16 bits: what a step of its weights is worth is then alike for all.
    const auto& most_of_y = largest_.at("y");
    latent_step_ = most_of_y.clamp_min(most_of_y.max().clamp_min(kTiny) * 1e-4) * kLatentHeadroom / 32767;
    torch::Tensor factors = torch::empty({kMaxQuality, config_.latent}, torch::kFloat64);
    for (int q = kMinQuality; q <= kMaxQuality; ++q) {
      factors[q - kMinQuality] = inverse_gain_(q).flatten() / model::kMeanUnit / latent_step_;
    }
    constexpr int kGainBits = 19;
    const auto shift = (kGainBits - factors.amax(0).log2().ceil()).clamp(1, 40);
    made.gain = integers((factors * torch::pow(2.0, shift)).round().flatten());
    made.shift = integers(shift);
    const auto weight = weights_.at("linear.weight").flatten(1).to(torch::kFloat64) * latent_step_;
    set(layers_.linear,
        torch::cat({weight, weights_.at("linear.bias").to(torch::kFloat64).reshape({-1, 1})}, 1), 1 / kPixel);
  }

  // Rounded: `values` [out][in * taps, then what the quality's plane is multiplied with if there is one, then the bias],
  // in steps of `out_step`.
  void set(WideLayer& layer, const torch::Tensor& values, double out_step) {
    const std::int64_t own = layer.in * layer.kernel * layer.kernel;
    const auto in_steps = values / out_step;
    const auto weight = in_steps.narrow(1, 0, own), bias = in_steps.select(1, in_steps.size(1) - 1);
    const bool of_quality = in_steps.size(1) == own + 2;
    auto most = weight.abs().sum(1) * 32768 + bias.abs();
    if (of_quality) most = most + in_steps.select(1, own).abs() * (kMaxQuality - kMinQuality);
    const double room = std::min(0.98 * 2147483647.0 / most.max().clamp_min(kTiny).item<double>(),
                                 32766 / weight.abs().max().clamp_min(kTiny).item<double>());
    layer.shift = std::clamp(static_cast<int>(std::floor(std::log2(room))), 0, 24);
    const double unit = std::ldexp(1.0, layer.shift);
    layer.weight.clear();
    for (const auto v : integers((weight * unit).contiguous().flatten()))
      layer.weight.push_back(static_cast<std::int16_t>(v));
    layer.bias = integers(bias * unit);
    for (auto& b : layer.bias) b += layer.shift > 0 ? 1 << (layer.shift - 1) : 0;
    if (of_quality) layers_.stem_quality = integers(in_steps.select(1, own) * unit);
  }

  void fit_block(std::array<SynthesisLayer, 2>& block, const std::string& name, std::size_t scale) {
    SynthesisLayer &first = block[0], &second = block[1];
    const double step = stream_step_[scale];
    const auto in = see_stream(first, name, step);
    const auto between =
        trained_on_ ? trained_on_->layers.at(name + ".second").in
                    : best_steps([&](Sample& s) { return activation(convolved(name + ".first", s.stream)); },
                                 largest_.at(name + ".hidden"), model::kHiddenMinimum, model::kHiddenMaximum);
    fit(
        first, name + ".first", between, in, [&](Sample& s) { return integer_ops::seen(first, s.integers); },
        [&](Sample& s) { return convolved(name + ".first", s.stream); });
    for (auto& s : samples_) {
      s.hidden = integer_ops::hidden(first, integer_ops::sums(first, integer_ops::seen(first, s.integers)))
                     .to(torch::kFloat32);
      s.stream = s.stream + convolved(name + ".second", activation(convolved(name + ".first", s.stream)));
    }
    fit(
        second, name + ".second", step, between, [](Sample& s) { return s.hidden; },
        [&](Sample& s) { return s.stream - s.integers * step; });
    for (auto& s : samples_) {
      s.integers =
          integer_ops::add(second, integer_ops::sums(second, s.hidden), s.integers).to(torch::kFloat32);
    }
  }

  void fit_up(SynthesisLayer& up, const std::string& name, std::size_t scale) {
    const auto in = see_stream(up, name, stream_step_[scale]);
    const auto seen = [&](Sample& s) { return integer_ops::seen(up, s.integers); };
    for (auto& s : samples_) s.stream = convolved(name, s.stream);
    fit(up, name, stream_step_[scale - 1], in, seen, [](Sample& s) { return s.stream; });
    for (auto& s : samples_) {
      s.integers =
          depth_to_space(integer_ops::put(up, integer_ops::sums(up, seen(s))), 2).to(torch::kFloat32);
      s.stream = depth_to_space(s.stream, 2);
    }
  }

  void fit_skip() {
    const auto in = torch::full({layers_.skip->in}, 1 / kPixel, torch::kFloat64);
    const auto cells = [this](Sample& s) {
      return space_to_depth(depth_to_space(linear(s), model::kLatentStride), 4);
    };
    for (auto& s : samples_) {
      const auto picture = depth_to_space(convolved("linear", real(s)), model::kLatentStride);
      s.stream = s.stream + convolved("skip", space_to_depth(picture, 4));
    }
    fit_wide(*layers_.skip, "skip", stream_step_[0], in, cells,
             [this](Sample& s) { return s.stream - s.integers * stream_step_[0]; });
    for (auto& s : samples_) {
      s.integers =
          integer_ops::sixteen(s.integers + integer_ops::wide(*layers_.skip, cells(s))).to(torch::kFloat32);
    }
  }

  // How a layer sees a stream; gives what a step of what it sees is worth, by channel.
  torch::Tensor see_stream(SynthesisLayer& layer, const std::string& name, double stream_step) {
    const double unit = std::ldexp(stream_step, model::kMultiplierShift);
    const auto steps = trained_on_
                           ? trained_on_->layers.at(layer.kernel == 1 ? name : name + ".first").in
                           : best_steps([](Sample& s) { return s.stream; }, largest_.at(name), -128, 127);
    const auto multiplier = (unit / steps).round().clamp(1, 32767);
    layer.input = integers(multiplier);
    return unit / multiplier;
  }

  // What least squares has to say of a layer's weights in steps of its input, [out][in * taps + 1 or 2] (as of set()).
  struct Fitted {
    torch::Tensor best, products, largest;  // largest: of the targets, [out]
  };

  // What makes input() (integers, each worth in_step) come nearest to target().
  template <typename Layer>
  Fitted least_squares(const Layer& layer, const std::string& name, const torch::Tensor& in_step,
                       const Take& input, const Take& target) {
    const bool of_quality = name == "stem";
    const std::int64_t taps = layer.kernel * layer.kernel, own = layer.in * taps, extra = of_quality ? 2 : 1;
    auto products = torch::zeros({own + extra, own + extra}, torch::kFloat64),
         wanted = torch::zeros({layer.out, own + extra}, torch::kFloat64),
         most = torch::zeros({layer.out}, torch::kFloat64);
    for (auto& s : samples_) {
      const auto x = input(s).to(torch::kFloat32), t = target(s).to(torch::kFloat32);
      const auto seen = some_positions(torch::im2col(x, {layer.kernel, layer.kernel}, {1, 1},
                                                     {layer.kernel / 2, layer.kernel / 2}, {1, 1}),
                                       kMostPositions);
      const auto aim = some_positions(t, kMostPositions);
      const auto ones = torch::ones({1, seen.size(1)});
      const auto columns =
          of_quality ? torch::cat({seen, ones * plane_of(s), ones}) : torch::cat({seen, ones});
      const double weight = weight_of(s);
      products += torch::matmul(columns, columns.t()).to(torch::kFloat64) * weight;
      wanted += torch::matmul(aim, columns.t()).to(torch::kFloat64) * weight;
      most = torch::maximum(most, largest(t));
    }
    auto trained = weights_.at(name + ".weight").to(torch::kFloat64);
    auto plane = torch::Tensor();
    if (of_quality) {
      plane = trained.select(1, layer.in).reshape({-1, 1}) / (kMaxQuality - kMinQuality);
      trained = trained.narrow(1, 0, layer.in) / model::kLatentScale;
    }
    trained = (trained * by_channel(in_step)).reshape({layer.out, own});
    const auto bias = weights_.at(name + ".bias").to(torch::kFloat64).reshape({-1, 1});
    trained = of_quality ? torch::cat({trained, plane, bias}, 1) : torch::cat({trained, bias}, 1);
    // Each input is pulled to its trained weight by a share of its own weight.
    auto damping = products.diagonal().clone();
    damping = (kDamping * (damping + damping.narrow(0, 0, own).mean() * 0.1)).clamp_min(kTiny);
    damping.narrow(0, own, extra).mul_(1e-3);
    products += torch::diag(damping);
    const auto best = torch::linalg_solve(products, (wanted + trained * damping).t()).t().contiguous();
    return {best, products, most};
  }

  [[nodiscard]] torch::Tensor largest_of(const Take& target) {
    torch::Tensor most;
    for (auto& s : samples_) {
      const auto found = largest(target(s));
      most = most.defined() ? torch::maximum(most, found) : found;
    }
    return most;
  }

  // Weights that were trained on the grid.
  [[nodiscard]] RoundedWeights trained(const std::string& name, const WeightGrid& grid) const {
    return {on_grid(weights_.at(name + ".weight").to(torch::kFloat64), grid).flatten(1),
            weights_.at(name + ".bias").to(torch::kFloat64) / grid.sum};
  }

  void fit_wide(WideLayer& layer, const std::string& name, double out_step, const torch::Tensor& in_step,
                const Take& input, const Take& target) {
    set(layer, least_squares(layer, name, in_step, input, target).best, out_step);
  }

  void fit(SynthesisLayer& layer, const std::string& name, double out_step, const torch::Tensor& in_step,
           const Take& input, const Take& target) {
    fit(layer, name, torch::full({layer.out}, out_step, torch::kFloat64), in_step, input, target);
  }

  // Fills a layer that gives steps of out_step.
  void fit(SynthesisLayer& layer, const std::string& name, const torch::Tensor& out_step,
           const torch::Tensor& in_step, const Take& input, const Take& target) {
    Fitted fitted;
    torch::Tensor most, sum_step;
    if (trained_on_) {
      most = largest_of(target);
      sum_step = trained_on_->layers.at(name).sum;
    } else {
      fitted = least_squares(layer, name, in_step, input, target);
      most = fitted.largest;
      const std::int64_t own = layer.in * layer.kernel * layer.kernel;
      sum_step = least_weight_step(fitted.best.narrow(1, 0, own).reshape({layer.out, layer.in, -1}));
    }
    auto need = most / out_step * kSumHeadroom;
    if (name.ends_with(".first")) need = need.clamp_min(model::kHiddenMaximum + 2).clamp_max(1000);
    const auto ratio = sum_step / out_step;  // multiplier / 2^(15 + shift)
    const auto log_need = (need.clamp_min(1) / (ratio * 32768)).log2().max().item<double>();
    const auto log_room = (32767 / (ratio.max() * 32768)).log2().item<double>();
    layer.shift =
        std::clamp(static_cast<int>(std::floor(std::min(std::ceil(log_need), std::floor(log_room)))), 0, 24);
    const double unit = std::ldexp(1.0, model::kMultiplierShift + layer.shift);
    const auto multiplier = (ratio * unit).round().maximum(need.ceil()).clamp(1, 32767);
    layer.multiplier = integers(multiplier);
    sum_step = out_step * multiplier / unit;
    const auto rounded = trained_on_ ? trained(name, {in_step, sum_step})
                                     : round_weights(fitted.best, fitted.products, sum_step, layer.in);
    for (const auto v : integers(rounded.weight.flatten()))
      layer.weight.push_back(static_cast<std::int8_t>(v));
    layer.bias = integers(rounded.bias);
    const std::int32_t half = layer.shift > 0 ? 1 << (layer.shift - 1) : 0;
    for (auto& b : layer.bias) b += half;
    grid_.layers[name] = {in_step, sum_step, layer.sees_stream ? -128 : model::kHiddenMinimum,
                          layer.sees_stream ? 127 : model::kHiddenMaximum};
  }

  model::PhotoConfig config_;
  model::SynthesisLayers layers_;
  std::map<std::string, torch::Tensor> weights_;
  std::function<torch::Tensor(int)> inverse_gain_;
  std::vector<Sample> samples_;
  std::map<std::string, torch::Tensor> largest_;
  torch::Tensor latent_step_;
  std::array<double, 3> stream_step_{};
  const SynthesisGrid* trained_on_;  // null: weights are rounded here
  SynthesisGrid grid_;
};

}  // namespace

model::SynthesisLayers quantize_synthesis(TwoLevelVae& vae, const std::vector<DecodedLatent>& latents) {
  const torch::NoGradGuard no_grad;
  auto layers = SynthesisQuantizer(vae, latents).run();
  model::check_synthesis(layers, vae->config());
  return layers;
}

void put_on_grid(TwoLevelVae& vae, const std::vector<DecodedLatent>& latents) {
  const torch::NoGradGuard no_grad;
  SynthesisQuantizer quantizer(vae, latents);
  const auto layers = quantizer.run();
  auto parameters = vae->synthesis->named_parameters();
  model::for_each_layer(layers, [&](const std::string& name, const auto& layer) {
    if constexpr (std::is_same_v<std::decay_t<decltype(layer)>, model::SynthesisLayer>) {
      const auto& grid = quantizer.grid().layers.at(name);
      auto &weight = parameters[name + ".weight"], &bias = parameters[name + ".bias"];
      weight.copy_(integer_ops::tensor_of(layer.weight).reshape(weight.sizes()) * grid.step());
      const int half = layer.shift > 0 ? 1 << (layer.shift - 1) : 0;
      bias.copy_((integer_ops::tensor_of(layer.bias) - half) * grid.sum);
    }
  });
  vae->synthesis->set_grid(quantizer.grid());
}

}  // namespace vaec::nn
