// Rows of indices: docs/format.md, section 8.8. Encoder and decoder are the same code (entropy/bit_coder.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "entropy/adaptive.hpp"
#include "entropy/repeats.hpp"

namespace vaec::entropy {

// Indices by the indices around them.
template <typename Coder>
class IndexRows {
 public:
  IndexRows(Coder& coder, int width, int count)
      : coder_(coder),
        width_(width),
        count_(count),
        few_(count <= kSymbols),
        first_(kTables),
        second_(kTables) {
    for (auto& row : rows_) row.resize(static_cast<std::size_t>(width + 2 * kMargin));
  }

  [[gnu::always_inline]] void code(int row, std::int32_t* values) {
    std::int32_t* at = rows_[0].data() + kMargin;
    std::int32_t* above = rows_[1].data() + kMargin;
    const std::int32_t* higher = rows_[2].data() + kMargin;
    at[-1] = at[-2] = above[-1] = above[-2] = above[0];
    if (row == 0 || !repeat_row(values, at, above)) {
      for (int x = 0; x < width_; ++x, ++at, ++above, ++higher) {
        const int value = code_index(at, above, higher, Coder::kDecodes ? 0 : values[x]);
        *at = value;
        if (Coder::kDecodes) values[x] = value;
      }
      at[0] = at[1] = at[-1];
    }
    std::swap(rows_[2], rows_[1]);
    std::swap(rows_[1], rows_[0]);
  }

 private:
  static constexpr int kTableBits = 12;
  static constexpr std::size_t kTables = std::size_t{1} << kTableBits;

  bool repeat_row(std::int32_t* values, std::int32_t* at, const std::int32_t* above) {
    if (!row_repeats_.code(coder_, !Coder::kDecodes && std::equal(values, values + width_, above)))
      return false;
    std::copy_n(above, width_ + kMargin, at);
    if (Coder::kDecodes) std::copy_n(above, width_, values);
    return true;
  }

  [[gnu::always_inline]] int code_index(const std::int32_t* at, const std::int32_t* above,
                                        const std::int32_t* higher, int value) {
    if (count_ == 2) return code_bit(at, above, higher, value != 0) ? 1 : 0;
    const int w = at[-1], ww = at[-2], n = above[0], nw = above[-1], ne = above[1], nn = higher[0];
    const auto around = pattern(w == n, w == nw, n == nw, n == ne, w == ww, n == nn);
    const bool flat = w == n && n == nw && n == ne;
    if (!few_ || flat) {
      if (coder_.bit(west_[around], value == w)) return w;
    }
    if (!few_) {
      if (n != w && coder_.bit(north_[around], value == n)) return n;
      if (ne != n && ne != w && coder_.bit(north_east_[around], value == ne)) return ne;
      if (nw != n && nw != w && coder_.bit(north_west_[around], value == nw)) return nw;
      const int upper = nibble(hash(w, 0, 0), hash(n, 1, 0), value >> 4);
      const int found = upper << 4 | nibble(hash(w, upper, 2), hash(n, upper, 3), value & 15);
      return std::min(found, count_ - 1);
    }
    const auto wide = static_cast<std::uint32_t>(w | n << 4 | nw << 8 | ne << 12 | ww << 16 | nn << 20);
    const auto narrow =
        static_cast<std::size_t>(w | n << 4 | (nw == ne ? 1 : 0) << 8 | (nw == n ? 1 : 0) << 9);
    return std::min(nibble((wide * 0x9E3779B1U) >> (32 - kTableBits), narrow, value), count_ - 1);
  }
  // One of two by the ten around it; those four that touch it say what ten met for the first time make likely.
  bool code_bit(const std::int32_t* at, const std::int32_t* above, const std::int32_t* higher, bool value) {
    const auto near = static_cast<std::size_t>(at[-1] | above[0] << 1 | above[-1] << 2 | above[1] << 3);
    const auto all = near | static_cast<std::size_t>(at[-2] | above[-2] << 1 | above[2] << 2 |
                                                     higher[0] << 3 | higher[-1] << 4 | higher[1] << 5)
                                << 4;
    if (ten_[all].is_new()) ten_[all].inherit(four_[near]);
    value = coder_.bit(ten_[all], value);
    four_[near].update(value);
    return value;
  }
  int nibble(std::size_t first, std::size_t second, int value) {
    if (first_[first].is_new()) first_[first].inherit(second_[second]);
    return coder_.symbol(first_[first], second_[second], value);
  }
  // A table of an index 0..255 and four bits more.
  static std::size_t hash(int index, int four, int what) {
    return (static_cast<std::uint32_t>(index | four << 8 | what << 12) * 0x9E3779B1U) >> (32 - kTableBits);
  }

  Coder& coder_;
  int width_, count_;
  bool few_;  // one symbol holds an index
  std::array<std::vector<std::int32_t>, 3> rows_;
  RowRepeats row_repeats_;
  std::array<AdaptiveBit, kPatterns> west_, north_, north_east_, north_west_;
  std::array<AdaptiveBit, 16> four_;
  std::array<AdaptiveBit, 1024> ten_;
  std::vector<AdaptiveSymbol> first_, second_;
};

}  // namespace vaec::entropy
