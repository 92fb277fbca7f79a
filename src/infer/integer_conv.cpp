#include "infer/integer_conv.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/clones.hpp"

namespace vaec::infer {
namespace {

constexpr std::int64_t kChannelStep = 16;

ConvWeights float_weights(const model::HyperLayer& layer) {
  const auto& s = layer.shape;
  const int in = static_cast<int>(padded_channels(s.in));
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

// floor((sum * multiplier + 2^(shift - 1)) / 2^shift), clamped. In double this is exact: the product has 39
// bits, and with the half below its last bit at most 47.
VAEC_CLONES void requantize_channels(const float* sums, const double* factor, const double* low,
                                     const double* high, std::size_t channels, std::int32_t* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<std::int32_t>(std::min(std::max(value, low[c]), high[c]));
  }
}
VAEC_CLONES void requantize_channels(const float* sums, const double* factor, const double* low,
                                     const double* high, std::size_t channels, std::uint8_t* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::min(std::max(value, low[c]), high[c])));
  }
}
VAEC_CLONES void requantize_channels(const float* sums, const double* factor, const double* low,
                                     const double* high, std::size_t channels, float* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = std::floor(static_cast<double>(sums[c]) * factor[c] + 0.5);
    to[c] = static_cast<float>(std::min(std::max(value, low[c]), high[c]));
  }
}
}  // namespace

std::size_t padded_channels(std::int64_t channels) {
  return static_cast<std::size_t>((channels + kChannelStep - 1) / kChannelStep * kChannelStep);
}

IntegerConv::IntegerConv(const model::HyperLayer& layer, Number source)
    : conv_(float_weights(layer), source, Number::kF32), upsample_(static_cast<int>(layer.shape.upsample)) {
  for (std::size_t c = 0; c < layer.multiplier.size(); ++c) {
    factor_.push_back(std::ldexp(layer.multiplier[c], -layer.shift[c]));
    low_.push_back(layer.minimum[c]);
    high_.push_back(layer.maximum[c]);
  }
}

void IntegerConv::requantize(const float* sums, std::size_t first, std::size_t count,
                             std::int32_t* to) const {
  requantize_channels(sums, factor_.data() + first, low_.data() + first, high_.data() + first, count, to);
}

void IntegerConv::requantize(const float* sums, std::size_t first, std::size_t count,
                             std::uint8_t* to) const {
  requantize_channels(sums, factor_.data() + first, low_.data() + first, high_.data() + first, count, to);
}

void IntegerConv::requantize(const float* sums, std::size_t first, std::size_t count, float* to) const {
  requantize_channels(sums, factor_.data() + first, low_.data() + first, high_.data() + first, count, to);
}

void IntegerConv::requantize(const float* sums, std::size_t first, std::size_t count, BFloat16* to) const {
  std::array<float, 64> values;
  for (std::size_t done = 0; done < count; done += values.size()) {
    const auto n = std::min(values.size(), count - done);
    requantize(sums + done, first + done, n, values.data());
    std::transform(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n), to + done, to_bf16);
  }
}

}  // namespace vaec::infer
