// Encoder and decoder with one face, so that both sides run the same code: an encoder is told each value and
// returns it, a decoder does not look at what it is told and finds the value out.
#pragma once

#include <span>
#include <vector>

#include "entropy/adaptive.hpp"
#include "entropy/range_coder.hpp"

namespace vaec::entropy {

class BitEncoder {
 public:
  static constexpr bool kDecodes = false;

  bool bit(AdaptiveBit& model, bool value) {
    const auto zero = model.frequency_of_zero();
    if (value) {
      coder_.encode(zero, kFrequencyTotal - zero);
    } else {
      coder_.encode(0, zero);
    }
    model.update(value);
    return value;
  }
  // 0..16 of them, each with probability 1/2.
  std::uint32_t bits(std::uint32_t value, int count) {
    coder_.encode_bits(value, count);
    return value;
  }
  int symbol(AdaptiveSymbol& one, AdaptiveSymbol& other, int value) {
    const MixedStarts mixed(one, other);
    const std::uint32_t start = mixed.start[static_cast<std::size_t>(value)];
    coder_.encode(start, mixed.end(value) - start);
    one.update(value);
    other.update(value);
    return value;
  }
  [[nodiscard]] std::vector<std::byte> finish() { return coder_.finish(); }
  static void expect_end() {}

 private:
  RangeEncoder coder_;
};

class BitDecoder {
 public:
  static constexpr bool kDecodes = true;

  // Throws what RangeDecoder does.
  explicit BitDecoder(std::span<const std::byte> stream) : coder_(stream) {}

  bool bit(AdaptiveBit& model, bool) {
    const bool value = coder_.decode_bit(model.frequency_of_zero());
    model.update(value);
    return value;
  }
  std::uint32_t bits(std::uint32_t, int count) { return coder_.decode_bits(count); }
  int symbol(AdaptiveSymbol& one, AdaptiveSymbol& other, int) {
    const MixedStarts mixed(one, other);
    const int value = coder_.decode_symbol(mixed.start.data());
    one.update(value);
    other.update(value);
    return value;
  }
  void expect_end() const { coder_.expect_end(); }

 private:
  RangeDecoder coder_;
};

}  // namespace vaec::entropy
