// A convolution of bytes of the integer g_s (model/synthesis_layers.hpp): exact sums, in 8-bit products where those are
// exact, else in float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "infer/conv.hpp"
#include "infer/padded_rows.hpp"
#include "infer/requantize.hpp"
#include "model/synthesis_layers.hpp"

namespace vaec::infer {

// Bytes in, sums without bias out.
[[nodiscard]] bool has_exact_bytes();  // whether this processor does it in 8-bit products

class SynthesisConv {
 public:
  // Channels are padded to multiples of 16: of a layer that goes up (`groups` 4) each of as many runs of outputs.
  explicit SynthesisConv(const model::SynthesisLayer& layer, std::size_t groups = 1);

  [[nodiscard]] std::size_t in() const { return in_; }
  [[nodiscard]] std::size_t out() const { return requantizer_.bias.size(); }  // of all groups
  [[nodiscard]] int padding() const { return padding_; }
  // Of its input.
  [[nodiscard]] PaddedRows<std::uint8_t> make_rows(int height, int width) const;
  // Rows of `width` positions that are computed at a time, so that their sums stay in a processor's cache.
  [[nodiscard]] int piece_height(int width) const;

  // The sums, without bias, of `count` rows: valid until this thread's next call. `window`: of its input's rows.
  [[nodiscard]] const std::int32_t* sums(int count, int width, const std::uint8_t* window) const;

  // What becomes of `count` positions of sums, [count][out].
  void hidden(const std::int32_t* sums, std::size_t count, std::uint8_t* to) const;
  // Of a layer that goes up (nn's depth_to_space by 2): the two lines that a line of sums becomes.
  void put_up(const std::int32_t* sums, std::size_t count, std::int16_t* upper, std::int16_t* lower) const;
  void add(const std::int32_t* sums, std::size_t count, std::int16_t* to) const;
  // A stream's positions as this layer's input: 8 bits.
  void quantize(const std::int16_t* stream, std::size_t count, std::uint8_t* to) const;

 private:
  std::size_t in_;
  int padding_;
  bool sees_stream_;
  bool in_bytes_;
  Conv conv_;
  Requantizer requantizer_;  // its bias less what the bytes' zeros add to the sums
  std::vector<std::int16_t> input_;
};

}  // namespace vaec::infer
