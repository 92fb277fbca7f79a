#include "infer/transform_weights.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "vaec/error.hpp"

namespace vaec::infer {
namespace {

float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000U} << 16, exponent = half >> 10 & 31,
                      mantissa = half & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000 | mantissa << 13);
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(mantissa), -24);
    return sign != 0 ? -value : value;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

void check_finite(const std::vector<float>& values, const std::string& name) {
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    throw Error(ErrorCode::kModel, "model: tensor " + name + " holds values that are not finite");
  }
}

std::vector<float> read_halves(const model::SafeTensors& file, const std::string& name,
                               const std::vector<std::int64_t>& shape) {
  const auto& view = file.tensor(name, model::DType::kF16, shape);
  std::vector<std::uint16_t> halves(view.data.size() / 2);
  if (!halves.empty()) std::memcpy(halves.data(), view.data.data(), view.data.size());
  std::vector<float> values(halves.size());
  std::transform(halves.begin(), halves.end(), values.begin(), from_half);
  check_finite(values, name);
  return values;
}

ConvWeights load_conv(const model::SafeTensors& file, const std::string& name, int in, int out, int kernel,
                      int stride = 1) {
  return {in,
          out,
          kernel,
          stride,
          read_halves(file, name + ".weight", {out, in, kernel, kernel}),
          read_halves(file, name + ".bias", {out})};
}

// Numbers the stages as nn::AnalysisImpl and nn::SynthesisImpl do: blocks and resamplings in one list.
class Stages {
 public:
  Stages(const model::SafeTensors& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {}

  std::vector<std::array<ConvWeights, 2>> blocks(int channels, int count) {
    std::vector<std::array<ConvWeights, 2>> found;
    for (int i = 0; i < count; ++i) {
      const auto name = next();
      found.push_back({load_conv(file_, name + ".first", channels, channels, 3),
                       load_conv(file_, name + ".second", channels, channels, 3)});
    }
    return found;
  }
  ConvWeights between(int in, int out) { return load_conv(file_, next(), in, out, 1); }

 private:
  std::string next() { return prefix_ + std::to_string(index_++); }

  const model::SafeTensors& file_;
  std::string prefix_;
  int index_ = 0;
};

constexpr int kBlockSamples = 3 * model::kLatentStride * model::kLatentStride;  // samples of a 16x16 block
constexpr int kCellSamples = 3 * 4 * 4;                                         // of a 4x4 block

}  // namespace

TransformWeights load_analysis(const model::SafeTensors& file, const model::PhotoConfig& config) {
  const auto& c = config.analysis;
  TransformWeights w;
  w.linear = load_conv(file, "g_a.linear", kBlockSamples, config.latent, 1);
  w.stem = load_conv(file, "g_a.stem", kCellSamples, c.channels[0], 3);
  w.last = load_conv(file, "g_a.last", c.channels[2], config.latent, 1);
  if (c.skip) w.skip = load_conv(file, "g_a.skip", c.channels[0], kCellSamples, 1);
  Stages stages(file, "g_a.stages.");
  for (std::size_t stage = 0; stage < 3; ++stage) {
    w.blocks[stage] = stages.blocks(c.channels[stage], c.blocks[stage]);
    if (stage < 2) w.between[stage] = stages.between(c.channels[stage] * 4, c.channels[stage + 1]);
  }
  return w;
}

std::array<ConvWeights, 3> load_hyper_analysis(const model::SafeTensors& file,
                                               const model::PhotoConfig& config) {
  return {load_conv(file, "h_a.first", config.latent + 1, config.hyper_width, 1),
          load_conv(file, "h_a.second", config.hyper_width, config.hyper_width, 5, 2),
          load_conv(file, "h_a.third", config.hyper_width, config.hyper, 5, 2)};
}

std::vector<float> load_log_gains(const model::SafeTensors& file, const std::string& name,
                                  const model::PhotoConfig& config) {
  const std::vector<std::int64_t> shape{config.levels, config.latent};
  const auto& view = file.tensor(name, model::DType::kF32, shape);
  std::vector<float> values(view.data.size() / sizeof(float));
  std::memcpy(values.data(), view.data.data(), view.data.size());
  check_finite(values, name);
  return values;
}

std::vector<float> interpolate_gain(const std::vector<float>& log_anchors, int quality,
                                    const model::PhotoConfig& config) {
  const auto position = static_cast<float>(model::level_position(quality, config.levels));
  const auto below = std::clamp(std::floor(position), 0.0F, static_cast<float>(config.levels - 2));
  const float t = position - below;
  const auto* low = log_anchors.data() + static_cast<std::size_t>(below) * config.latent;
  const auto* high = low + config.latent;
  std::vector<float> gains(static_cast<std::size_t>(config.latent));
  for (std::size_t c = 0; c < gains.size(); ++c) gains[c] = std::exp(low[c] * (1 - t) + high[c] * t);
  return gains;
}

ConvWeights without_quality(const ConvWeights& w, std::vector<float>& quality_weight) {
  ConvWeights out{w.in - 1, w.out, 1, 1, {}, w.bias};
  for (int o = 0; o < w.out; ++o) {
    const auto* row = w.weight.data() + std::ptrdiff_t{o} * w.in;
    out.weight.insert(out.weight.end(), row, row + w.in - 1);
    quality_weight.push_back(row[w.in - 1]);
  }
  return out;
}

float centred_quality(int quality) {
  constexpr double kCentre = 0.5 * (kMinQuality + kMaxQuality), kHalf = 0.5 * (kMaxQuality - kMinQuality);
  return static_cast<float>((quality - kCentre) / kHalf);
}

}  // namespace vaec::infer
