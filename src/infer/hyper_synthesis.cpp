#include "infer/hyper_synthesis.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "infer/clones.hpp"
#include "infer/stage.hpp"

namespace vaec::infer {
namespace {

constexpr int kCellsAHyper = model::kHyperStride / model::kLatentStride;
// Rows of z on each side that the features of a row depend on: 1 + 1/2 + 1/4, rounded up.
constexpr int kHyperHalo = 2;
constexpr std::size_t kPositions = 256;  // predicted at a time
constexpr int kContextRows = 8;          // of the context network at a time
constexpr int kChannelStep = 16;         // input channels are padded to a multiple: odd numbers are slow

int padded(std::int64_t channels) {
  return static_cast<int>((channels + kChannelStep - 1) / kChannelStep * kChannelStep);
}

ConvWeights float_weights(const model::HyperLayer& layer) {
  const auto& s = layer.shape;
  const int in = padded(s.in);
  const auto taps = static_cast<std::size_t>(s.kernel * s.kernel);
  ConvWeights w{in, static_cast<int>(s.out), static_cast<int>(s.kernel), 1, {}, {}};
  w.weight.assign(static_cast<std::size_t>(s.out) * in * taps, 0);
  for (std::size_t o = 0; o < static_cast<std::size_t>(s.out); ++o) {
    std::copy_n(layer.weight.begin() + static_cast<std::ptrdiff_t>(o * s.in * taps), s.in * taps,
                w.weight.begin() + static_cast<std::ptrdiff_t>(o * in * taps));
  }
  w.bias.assign(layer.bias.begin(), layer.bias.end());
  return w;
}

// The first `count` output channels of a layer.
model::HyperLayer leading(const model::HyperLayer& layer, std::int64_t count) {
  auto part = layer;
  part.weight.resize(part.weight.size() / static_cast<std::size_t>(part.shape.out) *
                     static_cast<std::size_t>(count));
  for (auto* v : {&part.bias, &part.multiplier, &part.shift, &part.minimum, &part.maximum}) {
    v->resize(static_cast<std::size_t>(count));
  }
  part.shape.out = count;
  return part;
}

// floor((sum * multiplier + 2^(shift - 1)) / 2^shift), clamped. In double this is exact: the product has 39
// bits, and with the half below its last bit at most 47.
VAEC_CLONES void requantize(const float* sums, const double* factor, const double* low, const double* high,
                            std::size_t channels, std::int32_t* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<std::int32_t>(std::min(std::max(value, low[c]), high[c]));
  }
}
VAEC_CLONES void requantize(const float* sums, const double* factor, const double* low, const double* high,
                            std::size_t channels, std::uint8_t* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::min(std::max(value, low[c]), high[c])));
  }
}
VAEC_CLONES void requantize(const float* sums, const double* factor, const double* low, const double* high,
                            std::size_t channels, float* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<float>(std::min(std::max(value, low[c]), high[c]));
  }
}
void requantize(const float* sums, const double* factor, const double* low, const double* high,
                std::size_t channels, BFloat16* to) {
  std::array<float, 64> values;
  for (std::size_t c = 0; c < channels; c += values.size()) {
    const auto count = std::min(values.size(), channels - c);
    requantize(sums + c, factor + c, low + c, high + c, count, values.data());
    for (std::size_t i = 0; i < count; ++i) to[c + i] = to_bf16(values[i]);
  }
}

template <typename T>
void compand(const std::int32_t* from, std::size_t count, T* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = number_cast<T>(static_cast<float>(model::compand(from[i])));
}

}  // namespace

IntegerKernel fastest_integer_kernel() {
  if (has_int8()) return IntegerKernel::kInt8;
  return has_bf16() ? IntegerKernel::kBFloat16 : IntegerKernel::kFloat32;
}

IntegerConv::IntegerConv(const model::HyperLayer& layer, Number source)
    : conv(float_weights(layer), source, Number::kF32), upsample(static_cast<int>(layer.shape.upsample)) {
  for (std::size_t c = 0; c < layer.multiplier.size(); ++c) {
    factor.push_back(std::ldexp(layer.multiplier[c], -layer.shift[c]));
    low.push_back(layer.minimum[c]);
    high.push_back(layer.maximum[c]);
  }
}

namespace {

Number feature_number(IntegerKernel kernel) {
  return kernel == IntegerKernel::kInt8       ? Number::kU8
         : kernel == IntegerKernel::kBFloat16 ? Number::kBF16
                                              : Number::kF32;
}

Number context_number(IntegerKernel kernel) {
  return kernel == IntegerKernel::kFloat32 || !has_bf16() ? Number::kF32 : Number::kBF16;
}

std::vector<IntegerConv> convs(const std::vector<model::HyperLayer>& layers, Number first, Number others) {
  std::vector<IntegerConv> made;
  for (const auto& layer : layers) made.emplace_back(layer, made.empty() ? first : others);
  return made;
}

}  // namespace

HyperSynthesis::HyperSynthesis(const model::PhotoConfig& config, const std::vector<model::HyperLayer>& trunk,
                               const std::vector<model::HyperLayer>& first,
                               const std::vector<model::HyperLayer>& context,
                               const std::vector<model::HyperLayer>& second, IntegerKernel kernel)
    : config_(config),
      kernel_(kernel),
      number_(feature_number(kernel)),
      context_number_(context_number(kernel)),
      trunk_(convs(trunk, kernel == IntegerKernel::kInt8 ? Number::kS8 : number_, number_)),
      second_(convs(second, number_, number_)),
      first_(first.front(), number_),
      first_means_(leading(first.front(), config.latent), number_),
      context_(context.front(), context_number_) {}

// One band in work. T: the features' type in memory; padding channels hold zeros.
template <typename T>
class BandRun {
 public:
  BandRun() = default;

  // conv -> requantize -> depth to space. `Z`: the input's type.
  template <typename Z>
  std::vector<T> layer(const IntegerConv& l, const Z* in, int rows, int columns) {
    const auto out = static_cast<std::size_t>(l.conv.weights().out);
    auto* sums = sums_.reserve_as<float>(static_cast<std::size_t>(rows) * columns * out);
    l.conv.run({rows, columns, l.conv.weights().kernel / 2, l.conv.weights().kernel / 2}, in, sums);
    const int r = l.upsample, up_columns = columns * r;
    const auto channels = out / static_cast<std::size_t>(r * r),
               stored = static_cast<std::size_t>(padded(static_cast<std::int64_t>(channels)));
    std::vector<T> to(static_cast<std::size_t>(rows) * r * up_columns * stored, T{});
#pragma omp parallel for
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        for (int cell = 0; cell < r * r; ++cell) {
          const auto c = static_cast<std::size_t>(cell) * channels;
          const auto at =
              (static_cast<std::size_t>(row) * r + static_cast<std::size_t>(cell / r)) * up_columns +
              static_cast<std::size_t>(column * r + cell % r);
          requantize(sums + (static_cast<std::size_t>(row) * columns + column) * out + c, l.factor.data() + c,
                     l.low.data() + c, l.high.data() + c, channels, to.data() + at * stored);
        }
      }
    }
    return to;
  }

 private:
  Buffer sums_;
};

namespace {

// Requantizes `count` positions of a 1x1 layer's sums.
template <typename U>
void requantize_all(const IntegerConv& l, const float* sums, std::size_t count, std::size_t skipped,
                    std::size_t channels, U* to, std::size_t stored) {
#pragma omp parallel for
  for (std::size_t i = 0; i < count; ++i) {
    requantize(sums + i * l.factor.size() + skipped, l.factor.data() + skipped, l.low.data() + skipped,
               l.high.data() + skipped, channels, to + i * stored);
  }
}

}  // namespace

template <typename T>
void HyperSynthesis::run_as(const HyperLatent& z, int quality, int top, int bottom, const Passes& passes,
                            std::int32_t* latent) const {
  BandRun<T> band;
  const int columns = z.columns * kCellsAHyper, rows = bottom - top;
  const auto latents = static_cast<std::size_t>(config_.latent);
  const auto width = static_cast<std::size_t>(padded(config_.hyper_width));
  std::vector<T> features;
  {
    const Stopwatch watch(Stage::kHyperSynthesis);
    const int z_first = std::max(0, top / kCellsAHyper - kHyperHalo),
              z_last = std::min(z.rows, (bottom + kCellsAHyper - 1) / kCellsAHyper + kHyperHalo);
    const auto in_channels = static_cast<std::size_t>(padded(z.channels + 1));
    const auto positions = static_cast<std::size_t>(z_last - z_first) * z.columns;
    const auto fill = [&](auto* in) {
      using Z = std::remove_pointer_t<decltype(in)>;
      const auto* from = z.values.data() + static_cast<std::size_t>(z_first) * z.columns * z.channels;
      for (std::size_t at = 0; at < positions; ++at, from += z.channels, in += in_channels) {
        for (int c = 0; c < z.channels; ++c) in[c] = number_cast<Z>(static_cast<float>(from[c]));
        in[z.channels] = number_cast<Z>(static_cast<float>(quality - model::kQualityCentre));
        std::fill(in + z.channels + 1, in + in_channels, Z{});
      }
    };
    // The sign of z needs its own 8-bit type.
    using Z = std::conditional_t<std::is_same_v<T, std::uint8_t>, std::int8_t, T>;
    std::vector<Z> in(positions * in_channels);
    fill(in.data());
    int level_rows = z_last - z_first, level_columns = z.columns;
    features = band.layer(trunk_[0], in.data(), level_rows, level_columns);
    for (std::size_t i = 1; i < trunk_.size(); ++i) {
      level_rows *= trunk_[i - 1].upsample;
      level_columns *= trunk_[i - 1].upsample;
      features = band.layer(trunk_[i], features.data(), level_rows, level_columns);
    }
    const auto line = static_cast<std::size_t>(columns) * width;
    features.erase(features.begin(),
                   features.begin() + static_cast<std::ptrdiff_t>((top - z_first * kCellsAHyper) * line));
    features.resize(line * static_cast<std::size_t>(rows));
  }

  // Positions of a pass in raster order: half of each row (columns are even in number).
  const auto half = static_cast<std::size_t>(columns / 2), count = half * static_cast<std::size_t>(rows);
  const auto position_of = [&](std::size_t i, std::size_t pass) {
    const auto row = i / half;
    return row * static_cast<std::size_t>(columns) + 2 * (i % half) + (row + pass) % 2;
  };
  Buffer gathered_buffer, sums_buffer;
  std::vector<std::int32_t> means(kPositions * latents), more_means(kPositions * latents);
  std::vector<std::uint8_t> scales(kPositions * latents);
  auto* gathered = gathered_buffer.reserve_as<T>(kPositions * width);
  auto* sums = sums_buffer.reserve_as<float>(
      kPositions * std::max(2 * latents, static_cast<std::size_t>(config_.hyper_width)));
  const auto gather_features = [&](std::size_t begin, std::size_t n, std::size_t pass, T* to,
                                   std::size_t stored) {
    for (std::size_t i = 0; i < n; ++i) {
      std::memcpy(to + i * stored, features.data() + position_of(begin + i, pass) * width, width * sizeof(T));
    }
  };
  const auto code = [&](const Code& coder, std::size_t begin, std::size_t n, std::size_t pass) {
    const Stopwatch watch(Stage::kRangeCoder);
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = position_of(begin + i, pass);
      coder(at, means.data() + i * latents, scales.data() + i * latents, latent + at * latents);
    }
  };

  for (std::size_t begin = 0; begin < count; begin += kPositions) {
    const auto n = std::min(kPositions, count - begin);
    {
      const Stopwatch watch(Stage::kHyperSynthesis);
      gather_features(begin, n, 0, gathered, width);
      first_.conv.run_pointwise(n, gathered, sums);
      requantize_all(first_, sums, n, 0, latents, means.data(), latents);
      requantize_all(first_, sums, n, latents, latents, scales.data(), latents);
    }
    code(passes.even, begin, n, 0);
  }

  // The context of the odd positions: a few rows at a time, with a row more on each side.
  const auto narrow = static_cast<std::size_t>(padded(config_.context_width)),
             joined = static_cast<std::size_t>(padded(config_.hyper_width + config_.context_width));
  std::vector<T> context(count * narrow, T{});
  {
    const Stopwatch watch(Stage::kContext);
    const auto in_channels = static_cast<std::size_t>(padded(config_.latent));
    const auto out = static_cast<std::size_t>(config_.context_width);
    const auto line = static_cast<std::size_t>(columns) * in_channels;
    Buffer in_buffer, context_sums;
    for (int first = 0; first < rows; first += kContextRows) {
      const auto plan = plan_strip(3, 1, first, std::min(rows, first + kContextRows + 1), rows);
      const int source_rows = plan.source_end - plan.source_first;
      auto* in = in_buffer.reserve(line * static_cast<std::size_t>(source_rows) * size_of(context_number_));
      const auto fill = [&](auto* to) {
        std::memset(to, 0, line * static_cast<std::size_t>(source_rows) * sizeof(*to));
#pragma omp parallel for
        for (int row = plan.source_first; row < plan.source_end; ++row) {
          for (int column = row % 2; column < columns; column += 2) {
            const auto at = static_cast<std::size_t>(row) * columns + column;
            compand(latent + at * latents, latents,
                    to + static_cast<std::size_t>(row - plan.source_first) * line + column * in_channels);
          }
        }
      };
      if (context_number_ == Number::kF32) {
        fill(reinterpret_cast<float*>(in));
      } else {
        fill(reinterpret_cast<BFloat16*>(in));
      }
      const int strip_rows = plan.end - plan.first;
      auto* strip_sums = context_sums.reserve_as<float>(static_cast<std::size_t>(strip_rows) * columns * out);
      context_.conv.run({source_rows, columns, plan.zeros_above, plan.zeros_below}, in, strip_sums);
#pragma omp parallel for
      for (int row = plan.first; row < plan.end; ++row) {
        for (std::size_t i = 0; i < half; ++i) {
          const auto index = static_cast<std::size_t>(row) * half + i;
          const auto at = position_of(index, 1) - static_cast<std::size_t>(plan.first) * columns;
          requantize(strip_sums + at * out, context_.factor.data(), context_.low.data(), context_.high.data(),
                     out, context.data() + index * narrow);
        }
      }
    }
  }

  auto* joined_in = gathered_buffer.reserve_as<T>(kPositions * (joined + width));
  auto* gathered_features = joined_in + kPositions * joined;
  std::vector<T> hidden(kPositions * width, T{});
  std::memset(joined_in, 0, kPositions * joined * sizeof(T));
  const auto features_width = static_cast<std::size_t>(config_.hyper_width),
             context_width = static_cast<std::size_t>(config_.context_width);
  for (std::size_t begin = 0; begin < count; begin += kPositions) {
    const auto n = std::min(kPositions, count - begin);
    {
      const Stopwatch watch(Stage::kContext);
      gather_features(begin, n, 1, gathered_features, width);
      first_means_.conv.run_pointwise(n, gathered_features, sums);
      requantize_all(first_means_, sums, n, 0, latents, means.data(), latents);
      for (std::size_t i = 0; i < n; ++i) {
        std::memcpy(joined_in + i * joined, gathered_features + i * width, features_width * sizeof(T));
        std::memcpy(joined_in + i * joined + features_width, context.data() + (begin + i) * narrow,
                    context_width * sizeof(T));
      }
      second_[0].conv.run_pointwise(n, joined_in, sums);
      requantize_all(second_[0], sums, n, 0, features_width, hidden.data(), width);
      second_[1].conv.run_pointwise(n, hidden.data(), sums);
      requantize_all(second_[1], sums, n, 0, latents, more_means.data(), latents);
      requantize_all(second_[1], sums, n, latents, latents, scales.data(), latents);
      for (std::size_t i = 0; i < n * latents; ++i) means[i] += more_means[i];  // the means add up
    }
    code(passes.odd, begin, n, 1);
  }
}

void HyperSynthesis::run(const HyperLatent& z, int quality, int top, int bottom, const Passes& passes,
                         std::int32_t* latent) const {
  switch (number_) {
    case Number::kU8:
      return run_as<std::uint8_t>(z, quality, top, bottom, passes, latent);
    case Number::kBF16:
      return run_as<BFloat16>(z, quality, top, bottom, passes, latent);
    default:
      return run_as<float>(z, quality, top, bottom, passes, latent);
  }
}

}  // namespace vaec::infer
