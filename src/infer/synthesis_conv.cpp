#include "infer/synthesis_conv.hpp"

#include <algorithm>

#include "base/clones.hpp"
#include "infer/integer_conv.hpp"
#include "infer/onednn.hpp"

namespace vaec::infer {
namespace {

constexpr std::size_t kSumBytes = 256 << 10;

int zero_of(bool sees_stream) { return sees_stream ? kStreamZero : kHiddenZero; }

ConvWeights padded_weights(const model::SynthesisLayer& layer, std::size_t groups) {
  const auto in = padded_channels(layer.in), run = static_cast<std::size_t>(layer.out) / groups,
             padded_run = padded_channels(static_cast<std::int64_t>(run)),
             taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
  ConvWeights w{static_cast<int>(in), static_cast<int>(groups * padded_run), layer.kernel, 1, {}, {}};
  w.weight.assign(groups * padded_run * in * taps, 0);
  w.bias.assign(groups * padded_run, 0);
  for (std::size_t o = 0; o < static_cast<std::size_t>(layer.out); ++o) {
    const auto values = static_cast<std::size_t>(layer.in) * taps;
    std::copy_n(layer.weight.begin() + static_cast<std::ptrdiff_t>(o * values), values,
                w.weight.begin() + static_cast<std::ptrdiff_t>((o / run * padded_run + o % run) * in * taps));
  }
  return w;
}

template <typename T>
std::vector<T> padded(const std::vector<std::int32_t>& values, std::size_t groups) {
  const auto run = values.size() / groups, padded_run = padded_channels(static_cast<std::int64_t>(run));
  std::vector<T> made(groups * padded_run);
  for (std::size_t i = 0; i < values.size(); ++i)
    made[i / run * padded_run + i % run] = static_cast<T>(values[i]);
  return made;
}

// What the bytes' zeros add to each sum.
std::int32_t zeros(const ConvWeights& w, std::size_t o, bool sees_stream) {
  const auto values = w.weight.size() / w.bias.size();
  double sum = 0;
  for (std::size_t i = 0; i < values; ++i) sum += static_cast<double>(w.weight[o * values + i]);
  return static_cast<std::int32_t>(sum) * zero_of(sees_stream);
}

VAEC_CLONES void to_integers(const float* from, std::size_t count, std::int32_t* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::int32_t>(from[i]);
}

VAEC_CLONES void to_floats(const std::uint8_t* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

}  // namespace

// Without VNNI two products of bytes are added up in 16 bits, within which model::SynthesisLayer keeps them.
bool has_exact_bytes() { return has_isa(dnnl::cpu_isa::avx2); }

SynthesisConv::SynthesisConv(const model::SynthesisLayer& layer, std::size_t groups)
    : in_(padded_channels(layer.in)),
      padding_(layer.kernel / 2),
      sees_stream_(layer.sees_stream),
      in_bytes_(has_exact_bytes()),
      conv_(padded_weights(layer, groups), in_bytes_ ? Number::kU8 : Number::kF32,
            in_bytes_ ? Number::kS32 : Number::kF32),
      requantizer_{padded<std::int32_t>(layer.bias, groups), padded<std::int16_t>(layer.multiplier, groups),
                   layer.shift},
      input_(padded<std::int16_t>(layer.input, 1)) {
  for (std::size_t o = 0; o < out(); ++o) {
    auto& bias = requantizer_.bias[o];
    bias = static_cast<std::int32_t>(static_cast<std::uint32_t>(bias) -
                                     static_cast<std::uint32_t>(zeros(conv_.weights(), o, sees_stream_)));
  }
}

PaddedRows<std::uint8_t> SynthesisConv::make_rows(int height, int width) const {
  return {height, width, in_, padding_, static_cast<std::uint8_t>(zero_of(sees_stream_))};
}

int SynthesisConv::piece_height(int width) const {
  const auto row = sizeof(std::int32_t) * out() * static_cast<std::size_t>(width);
  return static_cast<int>(std::max<std::size_t>(1, kSumBytes / row));
}

const std::int32_t* SynthesisConv::sums(int count, int width, const std::uint8_t* window) const {
  thread_local Buffer sums, floats, float_sums;
  const auto values = static_cast<std::size_t>(count) * static_cast<std::size_t>(width) * out();
  auto* to = sums.reserve_as<std::int32_t>(values);
  const Strip strip{count + 2 * padding_, width + 2 * padding_, 0, 0, true};
  const auto run = [&](const void* from, void* into) {
    // oneDNN 2.6's 1x1 kernel for AVX-512 without VNNI gives wrong sums for five positions: rounded numbers of them.
    if (padding_ == 0) return conv_.run_pointwise(values / out(), from, into);
    conv_.run(strip, from, into);
  };
  if (in_bytes_) {
    run(window, to);
    return to;
  }
  const auto inputs = static_cast<std::size_t>(strip.rows) * static_cast<std::size_t>(strip.width) * in_;
  auto* in = floats.reserve_as<float>(inputs);
  to_floats(window, inputs, in);
  auto* exact = float_sums.reserve_as<float>(values);
  run(in, exact);
  to_integers(exact, values, to);
  return to;
}

void SynthesisConv::hidden(const std::int32_t* sums, std::size_t count, std::uint8_t* to) const {
  requantize_hidden(requantizer_, sums, count, to);
}

void SynthesisConv::put_up(const std::int32_t* sums, std::size_t count, std::int16_t* upper,
                           std::int16_t* lower) const {
  const auto half = out() / 2;
  requantize_put(requantizer_, sums, count, 0, half, upper);
  requantize_put(requantizer_, sums, count, half, half, lower);
}

void SynthesisConv::add(const std::int32_t* sums, std::size_t count, std::int16_t* to) const {
  requantize_add(requantizer_, sums, count, to);
}

void SynthesisConv::quantize(const std::int16_t* stream, std::size_t count, std::uint8_t* to) const {
  quantize_stream(input_, stream, count, to);
}

}  // namespace vaec::infer
