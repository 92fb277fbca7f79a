#include "infer/last_filter.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/clones.hpp"
#include "infer/onednn.hpp"
#include "infer/parallel_rows.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vaec::infer {
namespace {

constexpr std::size_t kLine = std::size_t{3} * kFilterSide;  // samples of a block's line
constexpr std::size_t kLineWeights = (kFilterTaps + 1) * kLine;
constexpr std::int32_t kHalf = 1 << (kFilterShift - 1);
// Sums of differences within a block, in 1/64 of a code value, that begin a class.
constexpr std::int32_t kActivity[kFilterClasses - 1] = {1 << 15, 3 << 15, 6 << 15};

// A line of the picture and, of each tap, what lies there and opposite.
struct FilterLines {
  const std::int16_t* here;
  std::array<const std::int16_t*, kFilterTaps> taps, facing;
};
// A block's line from sample `first` of the lines on. weights: [kFilterTaps][kLine], of the sum of a tap's two, then [kLine],
// of twice the centre: with it (sum + 2^(kFilterShift - 1)) >> kFilterShift is the sample.
using FilterLine = void (*)(const FilterLines& lines, std::size_t first, const std::int16_t* weights,
                            std::int16_t* to);

void filter_plainly(const FilterLines& lines, std::size_t first, const std::int16_t* weights,
                    std::int16_t* to) {
  for (std::size_t i = 0; i < kLine; ++i) {
    std::int32_t sum = kHalf + weights[kFilterTaps * kLine + i] * 2 * lines.here[first + i];
    for (std::size_t tap = 0; tap < kFilterTaps; ++tap)
      sum += weights[tap * kLine + i] * (lines.taps[tap][first + i] + lines.facing[tap][first + i]);
    to[i] = static_cast<std::int16_t>(std::clamp(sum >> kFilterShift, -32768, 32767));
  }
}

#if defined(__x86_64__)

#define VAEC_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

// Sixteen samples or eight, as two vectors of sums in the order of PUNPCK.
VAEC_AVX2_INLINE __m256i load(const std::int16_t* from, __m256i) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
VAEC_AVX2_INLINE __m128i load(const std::int16_t* from, __m128i) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
VAEC_AVX2_INLINE void add_products(__m256i a, __m256i b, __m256i weight, __m256i& low, __m256i& high) {
  low = _mm256_add_epi32(
      low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), _mm256_unpacklo_epi16(weight, weight)));
  high = _mm256_add_epi32(
      high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), _mm256_unpackhi_epi16(weight, weight)));
}
VAEC_AVX2_INLINE void add_products(__m128i a, __m128i b, __m128i weight, __m128i& low, __m128i& high) {
  low = _mm_add_epi32(low, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), _mm_unpacklo_epi16(weight, weight)));
  high = _mm_add_epi32(high, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), _mm_unpackhi_epi16(weight, weight)));
}
VAEC_AVX2_INLINE void store(__m256i low, __m256i high, std::int16_t* to) {
  _mm256_storeu_si256(
      reinterpret_cast<__m256i*>(to),
      _mm256_packs_epi32(_mm256_srai_epi32(low, kFilterShift), _mm256_srai_epi32(high, kFilterShift)));
}
VAEC_AVX2_INLINE void store(__m128i low, __m128i high, std::int16_t* to) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm_packs_epi32(_mm_srai_epi32(low, kFilterShift), _mm_srai_epi32(high, kFilterShift)));
}

template <typename Vector>
VAEC_AVX2_INLINE void filter_vector(const FilterLines& lines, std::size_t at, const std::int16_t* weights,
                                    Vector half, std::int16_t* to) {
  Vector low = half, high = half;
  const Vector centre = load(lines.here + at, half);
  add_products(centre, centre, load(weights + kFilterTaps * kLine, half), low, high);
#pragma GCC unroll 12
  for (std::size_t tap = 0; tap < kFilterTaps; ++tap) {
    add_products(load(lines.taps[tap] + at, half), load(lines.facing[tap] + at, half),
                 load(weights + tap * kLine, half), low, high);
  }
  store(low, high, to);
}

__attribute__((target("avx2"))) void filter_avx2(const FilterLines& lines, std::size_t first,
                                                 const std::int16_t* weights, std::int16_t* to) {
  filter_vector(lines, first, weights, _mm256_set1_epi32(kHalf), to);
  filter_vector(lines, first + 16, weights + 16, _mm_set1_epi32(kHalf), to + 16);
}
static_assert(kLine == 16 + 8);

#endif

FilterLine filter_line() {
#if defined(__x86_64__)
  if (has_isa(dnnl::cpu_isa::avx2)) return filter_avx2;
#endif
  return filter_plainly;
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
      weights_(filter.classes * kLineWeights),
      is_idle_(filter.classes, 1),
      of_blocks_(static_cast<std::size_t>(width / kFilterSide)),
      filtered_(static_cast<std::size_t>(width) * 3 * kFilterSide),
      windows_(rows, width, [this](int first, const FilterWindows::Lines& lines) { run(first, lines); }) {
  for (std::size_t k = 0; k < filter.classes; ++k) {
    auto* of_class = &weights_[k * kLineWeights];
    for (std::size_t i = 0; i < kLine; ++i) {
      auto& of_centre = of_class[kFilterTaps * kLine + i];
      of_centre = 1 << (kFilterShift - 1);
      for (std::size_t tap = 0; tap < kFilterTaps; ++tap) {
        const auto weight = filter.weights[(k * filter.colours + i % 3 % filter.colours) * kFilterTaps + tap];
        of_class[tap * kLine + i] = weight;
        of_centre = static_cast<std::int16_t>(of_centre - weight);
        if (weight != 0) is_idle_[k] = 0;
      }
    }
  }
}

void LastFilterRun::run(int first, const FilterWindows::Lines& lines) {
  static const auto filter = filter_line();
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
      FilterLines from{*here, {}, {}};
      for (int tap = 0; tap < kFilterTaps; ++tap) {
        const int row_off = tap_row(tap), off = 3 * tap_column(tap);
        from.taps[static_cast<std::size_t>(tap)] = here[row_off] + off;
        from.facing[static_cast<std::size_t>(tap)] = here[-row_off] - off;
      }
      for (std::size_t block = 0; block < of_blocks_.size(); ++block) {
        const std::size_t at = block * kLine, k = of_blocks_[block];
        if (is_idle_[k] != 0) {
          std::memcpy(to + at, *here + at, kLine * sizeof *to);
        } else {
          filter(from, at, &weights_[k * kLineWeights], to + at);
        }
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
