// Validated tables of integer frequencies for the range coder, with an escape symbol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/range_coder.hpp"

namespace vaec::entropy {

// The distribution of one integer: values first..first + n - 1, then the escape. A value outside goes through
// the escape symbol and an Exp-Golomb code of its distance from the support, so that any int32 in
// [-kMaxMagnitude, kMaxMagnitude] can be coded.
//
// The frequency units are dealt out from 0 up: first to the most frequent value (of equals the smallest),
// which is thereby tested first and takes the range coder's rounding rest; then to the other values in
// ascending order; last to the escape. Immutable: threads may share a table.
class FrequencyTable {
 public:
  static constexpr std::int32_t kMaxMagnitude = 1 << 24;

  // frequencies: one for each of the n values and last the escape's; all > 0, sum 2^16, 1 <= n <= 65535.
  // The values lie within [-kMaxMagnitude, kMaxMagnitude].
  // Throws Error kModel (tables come from model files).
  FrequencyTable(std::int32_t first, std::span<const std::uint16_t> frequencies);

  // Throws Error kInternal for |value| > kMaxMagnitude: the caller clamps.
  void encode(RangeEncoder& coder, std::int32_t value) const;

  // Throws Error kCorrupt for an escape code that no encoder writes.
  [[nodiscard]] std::int32_t decode(RangeDecoder& coder) const {
    return coder.consume_first(mode_size_) ? mode_ : decode_other(coder);
  }

  // Bits that `value` costs by its frequency (the ideal code length), escape code included.
  [[nodiscard]] double bits(std::int32_t value) const;

  [[nodiscard]] std::int32_t first() const { return first_; }
  [[nodiscard]] std::span<const std::uint16_t> frequencies() const { return frequencies_; }

 private:
  [[nodiscard]] std::int32_t decode_other(RangeDecoder& coder) const;
  [[nodiscard]] std::int32_t last() const;
  // The place of a value of the support in the order in which the units are dealt out.
  [[nodiscard]] std::size_t place_of(std::int32_t value) const;
  [[nodiscard]] std::uint32_t size_at(std::size_t place) const;

  std::uint32_t mode_size_ = 0;
  std::int32_t mode_ = 0;  // the most frequent value
  std::int32_t first_ = 0;
  int shift_ = 0;                           // a unit >> shift_ is its bucket
  std::vector<std::uint16_t> starts_;       // by place; one more at the end, 2^16 that wrapped to 0
  std::vector<std::uint16_t> buckets_;      // the place that owns a bucket's lowest unit
  std::vector<std::uint16_t> frequencies_;  // as given
};

// Rounds `probabilities` (n values and last the rest, the escape's share) to frequencies > 0 that sum to
// 2^16. They need not sum to 1: they are divided by their sum. Deterministic for given doubles (no libm);
// used once, when a model is exported. Throws Error kModel unless there are 2 to 2^16 of them, finite, none
// negative, one positive.
[[nodiscard]] std::vector<std::uint16_t> quantize_probabilities(std::span<const double> probabilities);

}  // namespace vaec::entropy
