// Codes a sample by its distance from a corrected prediction. How far off predictions were around it says which
// tables to use, and how coarse their steps are. docs/format.md section 8.7.4 has the same in pseudo code.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "entropy/adaptive.hpp"
#include "entropy/bit_coder.hpp"
#include "entropy/sample_predictor.hpp"

namespace vaec::entropy {

// What the channels of a pixel before a sample say of it.
struct PixelSoFar {
  std::int32_t last = 0;    // the last channel's value less its corrected prediction, rounded
  std::uint32_t error = 0;  // how far off those channels were, 1/16
};

namespace samples {

inline constexpr int kLevels = 80, kFineLevels = 16, kLevelsPerOctave = 4;
inline constexpr int kFirstTables = kFineLevels * 4 + kLevels - kFineLevels, kSecondTables = 20 * 16;
inline constexpr int kCorrections = 512, kLargestExponent = 19;
inline constexpr std::int32_t kFurthest = 1 << 18;  // beyond what any two samples differ by

// Of an expected error in 1/16: four in an octave.
[[gnu::always_inline]] inline int level_of(std::uint32_t error) {
  const int octave = static_cast<int>(std::bit_width(error + 4)) - 3;
  return std::min(kLevels - 1, octave * kLevelsPerOctave + static_cast<int>(((error + 4) >> octave) & 3));
}
// Steps of 2^shift: an expected error is two of them at most.
[[gnu::always_inline]] inline int shift_of(int level) { return std::max(0, level / kLevelsPerOctave - 3); }

// What symbols cost before any was met: shares of 2^15 of the symbols 1 to 8 steps from the middle one, which has
// the rest; the means over photographs. By level; from level 16 on the last four rows take turns.
inline constexpr std::array<std::array<std::int16_t, 8>, kFineLevels> kPriors{{
    {243, 24, 5, 2, 1, 1, 1, 3},
    {199, 27, 7, 2, 1, 1, 1, 1},
    {153, 18, 4, 1, 1, 1, 1, 1},
    {562, 59, 13, 2, 1, 1, 1, 1},
    {1686, 159, 30, 4, 2, 1, 1, 1},
    {3665, 349, 53, 8, 2, 1, 1, 1},
    {5099, 585, 85, 12, 3, 1, 1, 1},
    {5952, 855, 130, 20, 4, 2, 2, 2},
    {6654, 1328, 238, 43, 11, 3, 2, 2},
    {7011, 1960, 453, 102, 27, 8, 5, 3},
    {6975, 2511, 740, 201, 60, 20, 11, 8},
    {6737, 2935, 1045, 341, 115, 43, 23, 20},
    {6100, 3441, 1634, 713, 303, 133, 88, 60},
    {5424, 3535, 2009, 1050, 521, 256, 196, 120},
    {4815, 3475, 2232, 1319, 747, 411, 369, 200},
    {4343, 3317, 2325, 1520, 944, 570, 598, 300},
}};

[[nodiscard]] inline AdaptiveSymbol prior_of(int level) {
  const auto& steps =
      kPriors[static_cast<std::size_t>(level < kFineLevels ? level : kFineLevels - 4 + level % 4)];
  std::array<std::int16_t, kSymbols> starts{};
  for (int i = 1; i < 8; ++i) starts[i] = static_cast<std::int16_t>(starts[i - 1] + steps[8 - i]);
  starts[8] = static_cast<std::int16_t>(starts[7] + steps[0]);
  std::int32_t end = 32768;
  for (int i = kSymbols - 1; i > 8; --i) starts[i] = static_cast<std::int16_t>(end -= steps[i - 9]);
  return AdaptiveSymbol(starts.data());
}

struct Tables {
  Tables() {
    for (int level = 0; level < kLevels; ++level) {
      const AdaptiveSymbol prior = prior_of(level);
      const bool is_fine = level < kFineLevels;
      for (int i = 0; i < (is_fine ? 4 : 1); ++i)
        first[is_fine ? level * 4 + i : level + 3 * kFineLevels] = prior;
      if (level % kLevelsPerOctave == 2)
        std::fill_n(&second[static_cast<std::size_t>(level) / kLevelsPerOctave * 16], 16, prior);
    }
  }

  std::array<AdaptiveSymbol, kFirstTables> first;
  std::array<AdaptiveSymbol, kSecondTables> second;
  std::array<std::int32_t, kCorrections> correction{};  // 1/2048
  std::array<std::array<AdaptiveBit, kLargestExponent>, kLevels> exponent;
};

}  // namespace samples

template <typename Coder>
class SampleCoder {
 public:
  SampleCoder(Coder& coder, int channels) : coder_(coder), tables_(static_cast<std::size_t>(channels)) {}

  // A sample of `channel`, low..high, in the cell to write; `value` is the encoder's.
  [[gnu::always_inline]] void code(const Around& around, int channel, std::int32_t low, std::int32_t high,
                                   PixelSoFar& pixel, std::int32_t value, Cell& cell) {
    using namespace samples;
    Tables& tables = tables_[static_cast<std::size_t>(channel)];
    const Prediction p = predict(around);
    const auto near_w = static_cast<std::uint32_t>(around.w().magnitude),
               near_n = static_cast<std::uint32_t>(around.n().magnitude);
    const std::uint32_t met = 3 * (near_w + near_n) +
                              static_cast<std::uint32_t>(2 * (around.nw().magnitude + around.ne().magnitude) +
                                                         around.ww().magnitude + around.nn().magnitude);
    const std::uint32_t own = (met * 11 + p.spread * 8) >> 6;
    const std::uint32_t expected = channel == 0 ? own : (own * 13 + pixel.error * 3) >> 4;
    const int level = level_of(expected), shift = shift_of(level);

    const std::int32_t w = around.w().value * 8, n = around.n().value * 8, nw = around.nw().value * 8,
                       ne = around.ne().value * 8;
    const std::int32_t nn = around.nn().value * 8, ww = around.ww().value * 8;
    const int texture =
        (w > p.mixed ? 1 : 0) | (n > p.mixed ? 2 : 0) | (nw > p.mixed ? 4 : 0) | (ne > p.mixed ? 8 : 0);
    int which;
    const auto off = static_cast<std::uint32_t>(std::abs(pixel.last));
    if (channel == 0) {
      which = texture | (2 * n - nn > p.mixed ? 16 : 0) | (2 * w - ww > p.mixed ? 32 : 0);
    } else {
      const std::uint32_t due = own + 8;
      const int size =
          (off * 16 >= due ? 1 : 0) + (off * 16 >= 2 * due ? 1 : 0) + (off * 16 >= 4 * due ? 1 : 0);
      which = texture | size << 4 | (pixel.last < 0 ? 64 : 0);
    }
    which = which << 2 | std::min(3, level / 12);
    std::int32_t& correction = tables.correction[static_cast<std::size_t>(which)];
    const std::int32_t corrected = std::clamp(p.mixed + (correction >> 8), low * 8, high * 8);
    const std::int32_t centre = (corrected + 4) >> 3;

    const int first = level < kFineLevels ? level * 4 + ((corrected + 4) & 7) / 2 : level + 3 * kFineLevels;
    const auto relative = [&](std::uint32_t error) {
      return static_cast<int>(std::bit_width(std::min<std::uint32_t>(error >> (shift + 1), 7)));
    };
    const int second = std::min(level / kLevelsPerOctave, 19) * 16 + relative(near_w) * 4 +
                       relative(channel == 0 ? near_n : off * 8);

    const std::int32_t found = centre + distance(tables, level, shift, first, second, value - centre);
    if (Coder::kDecodes) value = std::clamp(found, low, high);
    learn(cell, p, value, corrected);
    correction += ((value * 8 - p.mixed) * 256 - correction) >> 7;
    pixel.last = value - centre;
    const auto doubled = static_cast<std::uint32_t>(2 * cell.magnitude);
    pixel.error = channel == 0 ? doubled : (pixel.error + doubled) / 2;
  }

 private:
  [[gnu::always_inline]] std::int32_t distance(samples::Tables& tables, int level, int shift, int first,
                                               int second, std::int32_t told) {
    const std::int32_t half = (1 << shift) >> 1, moved = told + half;
    int symbol = 0;
    if (!Coder::kDecodes) symbol = std::clamp(moved >> shift, -8, 7) + 8;
    symbol = coder_.symbol(tables.first[static_cast<std::size_t>(first)],
                           tables.second[static_cast<std::size_t>(second)], symbol);
    std::int32_t step = symbol - 8;
    if (symbol == 0 || symbol == kSymbols - 1) [[unlikely]] {
      // What a hostile stream says beyond that would be bounded by the channel's range anyway.
      const std::int32_t furthest = (samples::kFurthest >> shift) + 1;
      step = std::clamp(far_step(tables, level, symbol, moved >> shift), -furthest, furthest);
    }
    std::int32_t rest = 0;
    if (shift > 0) {
      rest = static_cast<std::int32_t>(
          coder_.bits(static_cast<std::uint32_t>(moved & ((1 << shift) - 1)), shift));
    }
    return step * (1 << shift) + rest - half;
  }

  // Of the symbols at the ends: how many steps beyond, as an Exp-Golomb code whose prefix is adaptive.
  [[gnu::noinline]] std::int32_t far_step(samples::Tables& tables, int level, int symbol, std::int32_t told) {
    using namespace samples;
    const auto beyond = static_cast<std::uint32_t>(symbol == 0 ? -8 - told : told - 7) + 1;
    const int digits = std::bit_width(beyond) - 1;
    int exponent = 0;
    while (exponent < kLargestExponent &&
           coder_.bit(tables.exponent[static_cast<std::size_t>(level)][static_cast<std::size_t>(exponent)],
                      exponent < digits))
      ++exponent;
    const int upper = std::max(0, exponent - 16);
    std::uint32_t rest = coder_.bits(beyond >> 16 & ((1U << upper) - 1), upper) << 16;
    const int lower = exponent - upper;
    rest |= coder_.bits(beyond & ((1U << lower) - 1), lower);
    const auto found = static_cast<std::int32_t>((1U << exponent) + rest - 1);
    return symbol == 0 ? -8 - found : 7 + found;
  }

  Coder& coder_;
  std::vector<samples::Tables> tables_;
};

}  // namespace vaec::entropy
