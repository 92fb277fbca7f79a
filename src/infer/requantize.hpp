// What becomes of the sums of g_s's convolutions of bytes, and of its streams (model/synthesis_layers.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/synthesis_layers.hpp"

namespace vaec::infer {

// How bytes stand for a convolution's inputs: with this added.
inline constexpr int kStreamZero = 128, kHiddenZero = -model::kHiddenMinimum;

// Of a layer, by output: multiples of 16.
struct Requantizer {
  std::vector<std::int32_t> bias;
  std::vector<std::int16_t> multiplier;
  int shift = 0;
};

// `count` positions of sums, [count][outputs], become the bytes that a block's second convolution sees,
void requantize_hidden(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::uint8_t* to);
// or a stream's values, put (those of outputs `first` on alone, [count][channels]) or added to what is there.
void requantize_put(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::size_t first,
                    std::size_t channels, std::int16_t* to);
void requantize_add(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::int16_t* to);

// `count` positions of a stream become bytes; `multiplier`: by channel, a multiple of 16 of them.
void quantize_stream(const std::vector<std::int16_t>& multiplier, const std::int16_t* stream,
                     std::size_t count, std::uint8_t* to);

}  // namespace vaec::infer
