// A filter behind g_s: what the encoder finds out about this very picture's errors, as the adaptive loop filter of VVC
// does (Karczewicz 2021, "VVC in-loop filters"): Wiener filters of 5x5 taps, a class for how much goes on in a block.
// docs/format.md section 10.5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "infer/synthesis.hpp"

namespace vaec::infer {

inline constexpr int kFilterTaps = 12;                     // pairs of taps that face each other
inline constexpr int kFilterSide = 8;                      // pixels a side of the blocks that have a class
inline constexpr int kFilterReach = 2;                     // pixels that it sees on each side
inline constexpr std::size_t kFilterClasses = 4;           // or one
inline constexpr int kFilterShift = 8, kFilterMost = 127;  // weights: 1/256, -127..127

struct LastFilter {
  std::size_t classes = 0;           // 0: none, 1, kFilterClasses
  std::size_t colours = 3;           // 1: of a grey picture, all three channels alike
  std::vector<std::int8_t> weights;  // [classes][colours][kFilterTaps]
};

// Where the first tap of a pair lies: rows and columns from the pixel; the second one lies opposite.
[[nodiscard]] constexpr int tap_row(int tap) { return tap / 5 - kFilterReach; }
[[nodiscard]] constexpr int tap_column(int tap) { return tap % 5 - kFilterReach; }

// Rows of pixels as they come from SynthesisRun, gathered to rows of blocks with what a filter sees around them.
class FilterWindows {
 public:
  static constexpr int kLines = kFilterSide + 2 * kFilterReach;
  // The first pixel of each line, from kFilterReach above the blocks on; that many pixels stand to the left and right
  // of the line, too. What lies beyond the picture's edge means nothing.
  using Lines = std::array<const std::int16_t*, kLines>;
  // `first`: the row of pixels where the blocks begin.
  using Use = std::function<void(int first, const Lines& lines)>;

  // Of `rows` rows of `width` pixels, multiples of kFilterSide.
  FilterWindows(int rows, int width, Use use);
  // The next row, RGB.
  void push(std::span<const std::int16_t> rgb);

 private:
  static constexpr int kRing = 16;
  int rows_, width_;
  Use use_;
  std::vector<std::vector<std::int16_t>> ring_;
  int there_ = 0, done_ = 0;
};

// The class of each block of a row of them, width / kFilterSide.
void classify(const FilterWindows::Lines& lines, std::size_t classes, std::span<std::uint8_t> result);

// One picture's rows, filtered but for its outermost kFilterReach pixels: where a picture ends errors are of another kind.
class LastFilterRun {
 public:
  // Of `rows` rows of `width` pixels, multiples of 16; the picture has those before `end_row` and `end_column`,
  // which may lie beyond these rows.
  LastFilterRun(const LastFilter& filter, int rows, int width, int end_row, int end_column,
                SynthesisRun::Sink sink);
  void push(std::span<const std::int16_t> rgb) { windows_.push(rgb); }

 private:
  void run(int first, const FilterWindows::Lines& lines);

  int end_row_, end_column_, width_;
  std::size_t classes_;
  SynthesisRun::Sink sink_;
  std::vector<std::int16_t> weights_;  // [classes][taps, the centre][a block's line of samples]
  std::vector<std::uint8_t> is_idle_;  // classes without a weight
  std::vector<std::uint8_t> of_blocks_;
  std::vector<std::int16_t> filtered_;
  FilterWindows windows_;
};

}  // namespace vaec::infer
