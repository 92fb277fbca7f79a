// A byte-wise range coder with carry propagation: 32-bit range, 16-bit frequencies.
//
// The encoder keeps `low` (32 bits and a carry) and `range`; a symbol that owns [start, start + size) of the
// 2^16 frequency units narrows the interval [low, low + range) to that share. Whenever range < 2^24 one byte
// is shifted out. A carry runs back through the bytes already written. (Martin 1979; Schindler 1998.) The
// stream is the fewest bytes that, read with zeros behind them, are a number inside the last interval.
//
// Invariants; docs/format.md section 6 has the same in pseudo code:
//  - 2^24 <= range < 2^32 between symbols, so a unit is worth r = range >> 16 >= 2^8 and no symbol's share
//    is empty.
//  - What rounding leaves over, range & 0xFFFF, belongs to the symbol that starts at 0. Every code value
//    therefore decodes to some symbol, and with the most probable symbol put first (FrequencyTable does) a
//    near-certain symbol costs no more than its ideal length: it may be far below a thousandth of a bit.
//  - A byte takes at most one carry, since the interval that straddles a byte boundary lies on one side of it
//    ever after. So the encoder's time is linear, and nothing ever carries out of the first byte.
//  - The decoder keeps code = (number read) - low < range. 0xFFFFFFFF as the first four bytes would break it:
//    no encoder writes them, and the decoder refuses them.
//  - Symbols that start at 0 leave low alone: a stream of nothing else is empty, however long.
//  - expect_end() accepts a stream if and only if it is byte for byte what an encoder writes for the symbols
//    that were decoded. So a truncated or extended stream is either refused or stands for other symbols.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaec::entropy {

inline constexpr int kFrequencyBits = 16;  // every table's frequencies sum to 2^16
inline constexpr std::uint32_t kFrequencyTotal = std::uint32_t{1} << kFrequencyBits;

// Below it a byte is shifted out.
inline constexpr std::uint32_t kRangeMin = std::uint32_t{1} << 24;
inline constexpr std::uint32_t kRangeStart = 0xFFFFFFFF;

class RangeEncoder {
 public:
  // Needs 0 < size, start + size <= 2^16.
  void encode(std::uint32_t start, std::uint32_t size) {
    assert(size > 0 && size <= kFrequencyTotal && start <= kFrequencyTotal - size);
    const std::uint32_t unit = range_ >> kFrequencyBits;
    const std::uint32_t rest = range_ & (kFrequencyTotal - 1);
    if (start == 0) {
      range_ = unit * size + rest;
    } else {
      const std::uint32_t offset = unit * start + rest;
      low_ += offset;
      if (low_ < offset) carry();
      range_ = unit * size;
    }
    while (range_ < kRangeMin) {
      bytes_.push_back(static_cast<std::byte>(low_ >> 24));
      low_ <<= 8;
      range_ <<= 8;
    }
  }

  // The low `count` bits of `value`, each with probability 1/2. Needs 0 <= count <= 16.
  void encode_bits(std::uint32_t value, int count) {
    assert(count >= 0 && count <= kFrequencyBits);
    const std::uint32_t size = kFrequencyTotal >> count;
    encode((value & ((std::uint32_t{1} << count) - 1)) * size, size);
  }

  // Ends the stream with the fewest bytes that still decode, and returns it. The encoder is then empty again.
  [[nodiscard]] std::vector<std::byte> finish();

 private:
  void carry();

  std::uint32_t low_ = 0;
  std::uint32_t range_ = kRangeStart;
  std::vector<std::byte> bytes_;
};

class RangeDecoder {
 public:
  // Reads from `stream` only, never past its end; the bytes stay the caller's. Missing bytes read as zero.
  // Throws Error kCorrupt for a stream that begins with four bytes of 0xFF.
  explicit RangeDecoder(std::span<const std::byte> stream);

  // The frequency unit, 0..2^16-1, that the next symbol's interval covers.
  [[nodiscard]] std::uint32_t peek() const {
    const std::uint32_t rest = range_ & (kFrequencyTotal - 1);
    return code_ < rest ? 0 : (code_ - rest) / (range_ >> kFrequencyBits);
  }

  // Takes the symbol that owns [start, start + size), which covers peek()'s answer.
  void consume(std::uint32_t start, std::uint32_t size) {
    assert(size > 0 && size <= kFrequencyTotal && start <= kFrequencyTotal - size);
    const std::uint32_t unit = range_ >> kFrequencyBits;
    const std::uint32_t rest = range_ & (kFrequencyTotal - 1);
    if (start == 0) {
      range_ = unit * size + rest;
    } else {
      code_ -= unit * start + rest;
      range_ = unit * size;
    }
    assert(code_ < range_);
    normalize();
  }

  // Takes the symbol that owns [0, size) if it is the next one, and says whether it was: the fast way (no
  // division) past the most probable symbol.
  [[nodiscard]] bool consume_first(std::uint32_t size) {
    const std::uint32_t bound = (range_ >> kFrequencyBits) * size + (range_ & (kFrequencyTotal - 1));
    if (code_ >= bound) return false;
    range_ = bound;
    normalize();
    return true;
  }

  // A bit that is 0 with `size`, 1..2^16-1, of the units.
  [[nodiscard]] bool decode_bit(std::uint32_t size) {
    const std::uint32_t unit = range_ >> kFrequencyBits;
    const std::uint32_t bound = unit * size + (range_ & (kFrequencyTotal - 1));
    const bool bit = code_ >= bound;
    if (bit) code_ -= bound;
    range_ = bit ? unit * (kFrequencyTotal - size) : bound;
    normalize();
    return bit;
  }

  // One of 16 symbols, which start at `start` (ascending, the first is 0): no division, six comparisons.
  [[nodiscard]] int decode_symbol(const std::uint16_t* start) {
    const std::uint32_t unit = range_ >> kFrequencyBits;
    const std::uint32_t rest = range_ & (kFrequencyTotal - 1);
    const auto reached = [&](int symbol) { return code_ >= unit * start[symbol] + rest ? 1 : 0; };
    int symbol = 4 * (reached(4) + reached(8) + reached(12));
    symbol += reached(symbol + 1) + reached(symbol + 2) + reached(symbol + 3);
    const std::uint32_t end = symbol == 15 ? kFrequencyTotal : start[symbol + 1];
    if (symbol == 0) {
      range_ = unit * end + rest;
    } else {
      code_ -= unit * start[symbol] + rest;
      range_ = unit * (end - start[symbol]);
    }
    normalize();
    return symbol;
  }

  // Needs 0 <= count <= 16.
  [[nodiscard]] std::uint32_t decode_bits(int count) {
    assert(count >= 0 && count <= kFrequencyBits);
    const std::uint32_t value = peek() >> (kFrequencyBits - count);
    const std::uint32_t size = kFrequencyTotal >> count;
    consume(value * size, size);
    return value;
  }

  // Throws Error kCorrupt unless the stream ended just where its encoder ended it.
  void expect_end() const;

 private:
  void normalize() {
    while (range_ < kRangeMin) {
      code_ = code_ << 8 | next_byte();
      range_ <<= 8;
    }
  }

  std::uint32_t next_byte() {
    if (position_ < stream_.size()) return std::to_integer<std::uint32_t>(stream_[position_++]);
    ++missing_;
    return 0;
  }

  std::span<const std::byte> stream_;
  std::size_t position_ = 0;   // bytes read
  std::uint64_t missing_ = 0;  // zeros read past the end
  std::uint32_t code_ = 0;
  std::uint32_t range_ = kRangeStart;
};

}  // namespace vaec::entropy
