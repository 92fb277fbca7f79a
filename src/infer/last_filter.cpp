#include "infer/last_filter.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/clones.hpp"
#include "infer/parallel_rows.hpp"

namespace vaec::infer {
namespace {

constexpr std::size_t kLine = std::size_t{3} * kFilterSide;  // samples of a block's line
// Sums of differences within a block, in 1/64 of a code value, that begin a class.
constexpr std::int32_t kActivity[kFilterClasses - 1] = {1 << 15, 3 << 15, 6 << 15};

// `taps`: the first of each pair, `facing`: the second, of the block's first sample; to: kLine samples.
VAEC_CLONES void filter_line(const std::int16_t* here, const std::int16_t* const* taps,
                             const std::int16_t* const* facing, const std::int32_t* weights,
                             std::int16_t* to) {
  std::int32_t sums[kLine]{};
  for (int tap = 0; tap < kFilterTaps; ++tap, weights += kLine) {
    const std::int16_t *a = taps[tap], *b = facing[tap];
    for (std::size_t i = 0; i < kLine; ++i) sums[i] += weights[i] * (a[i] + b[i] - 2 * here[i]);
  }
  constexpr std::int32_t kHalf = 1 << (kFilterShift - 1);
  for (std::size_t i = 0; i < kLine; ++i) {
    const std::int32_t value = here[i] + ((sums[i] + kHalf) >> kFilterShift);
    to[i] = static_cast<std::int16_t>(std::min(std::max(value, -32768), 32767));
  }
}

VAEC_CLONES std::int32_t activity_of(const std::int16_t* const* lines, std::size_t at) {
  std::int32_t sums[kFilterSide][kFilterSide];
  for (int y = 0; y < kFilterSide; ++y) {
    for (int x = 0; x < kFilterSide; ++x) {
      const auto* pixel = lines[y] + at + 3 * x;
      sums[y][x] = pixel[0] + pixel[1] + pixel[2];
    }
  }
  std::int32_t activity = 0;
  for (int y = 0; y < kFilterSide; ++y) {
    for (int x = 1; x < kFilterSide; ++x) activity += std::abs(sums[y][x] - sums[y][x - 1]);
  }
  for (int y = 1; y < kFilterSide; ++y) {
    for (int x = 0; x < kFilterSide; ++x) activity += std::abs(sums[y][x] - sums[y - 1][x]);
  }
  return activity;
}

}  // namespace

FilterWindows::FilterWindows(int rows, int width, Use use)
    : rows_(rows),
      width_(width),
      use_(std::move(use)),
      ring_(kRing, std::vector<std::int16_t>(3 * (static_cast<std::size_t>(width) + 2 * kFilterReach))) {}

void FilterWindows::push(std::span<const std::int16_t> rgb) {
  std::copy_n(rgb.begin(), 3 * static_cast<std::size_t>(width_),
              ring_[static_cast<std::size_t>(there_ % kRing)].begin() + 3 * kFilterReach);
  ++there_;
  while (done_ < rows_ && there_ >= std::min(rows_, done_ + kFilterSide + kFilterReach)) {
    Lines lines{};
    for (int i = 0; i < kLines; ++i) {
      const int row = std::clamp(done_ - kFilterReach + i, 0, rows_ - 1);
      lines[static_cast<std::size_t>(i)] =
          ring_[static_cast<std::size_t>(row % kRing)].data() + 3 * kFilterReach;
    }
    use_(done_, lines);
    done_ += kFilterSide;
  }
}

void classify(const FilterWindows::Lines& lines, std::size_t classes, std::span<std::uint8_t> result) {
  std::fill(result.begin(), result.end(), std::uint8_t{0});
  if (classes == 1) return;
  for (std::size_t block = 0; block < result.size(); ++block) {
    const std::int32_t activity = activity_of(&lines[kFilterReach], block * kLine);
    for (const std::int32_t least : kActivity) result[block] += activity >= least ? 1 : 0;
  }
}

LastFilterRun::LastFilterRun(const LastFilter& filter, int rows, int width, int end_row, int end_column,
                             SynthesisRun::Sink sink)
    : end_row_(end_row),
      end_column_(end_column),
      width_(width),
      classes_(filter.classes),
      sink_(std::move(sink)),
      weights_(filter.classes * kFilterTaps * kLine),
      is_idle_(filter.classes, 1),
      of_blocks_(static_cast<std::size_t>(width / kFilterSide)),
      filtered_(static_cast<std::size_t>(width) * 3 * kFilterSide),
      windows_(rows, width, [this](int first, const FilterWindows::Lines& lines) { run(first, lines); }) {
  for (std::size_t k = 0; k < filter.classes; ++k) {
    for (std::size_t tap = 0; tap < kFilterTaps; ++tap) {
      for (std::size_t i = 0; i < kLine; ++i) {
        const auto weight = filter.weights[(k * filter.colours + i % 3 % filter.colours) * kFilterTaps + tap];
        weights_[(k * kFilterTaps + tap) * kLine + i] = weight;
        if (weight != 0) is_idle_[k] = 0;
      }
    }
  }
}

void LastFilterRun::run(int first, const FilterWindows::Lines& lines) {
  classify(lines, classes_, of_blocks_);
  const auto line = static_cast<std::size_t>(width_) * 3;
  for_row_pieces(0, kFilterSide, kFilterSide / 2, [&](int begin, int count) {
    for (int row = begin; row < begin + count; ++row) {
      const auto* const* here = &lines[static_cast<std::size_t>(row + kFilterReach)];
      auto* to = filtered_.data() + static_cast<std::size_t>(row) * line;
      if (first + row < kFilterReach || first + row >= end_row_ - kFilterReach) {
        std::copy_n(*here, line, to);
        continue;
      }
      for (std::size_t block = 0; block < of_blocks_.size(); ++block) {
        const std::size_t at = block * kLine, k = of_blocks_[block];
        if (is_idle_[k] != 0) {
          std::copy_n(*here + at, kLine, to + at);
          continue;
        }
        std::array<const std::int16_t*, kFilterTaps> taps{}, facing{};
        for (int tap = 0; tap < kFilterTaps; ++tap) {
          const int row_off = tap_row(tap), off = 3 * tap_column(tap);
          taps[static_cast<std::size_t>(tap)] = here[row_off] + at + off;
          facing[static_cast<std::size_t>(tap)] = here[-row_off] + at - off;
        }
        filter_line(*here + at, taps.data(), facing.data(), &weights_[k * kFilterTaps * kLine], to + at);
      }
      constexpr std::size_t kEdge = 3 * kFilterReach;
      std::copy_n(*here, kEdge, to);
      const auto end = 3 * static_cast<std::size_t>(std::clamp(end_column_ - kFilterReach, 0, width_));
      std::copy(*here + end, *here + line, to + end);
    }
  });
  for (int row = 0; row < kFilterSide; ++row)
    sink_(first + row, std::span(filtered_).subspan(static_cast<std::size_t>(row) * line, line));
}

}  // namespace vaec::infer
