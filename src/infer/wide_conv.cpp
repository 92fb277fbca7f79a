#include "infer/wide_conv.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/clones.hpp"
#include "infer/integer_conv.hpp"
#include "infer/onednn.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vaec::infer {
namespace {

constexpr std::size_t kLanes = 16;     // outputs that lie together
constexpr std::size_t kTile = 4;       // of kLanes outputs at a time, at most
constexpr std::size_t kPositions = 6;  // at a time

// What the sums at some positions are formed of: `rows` runs of `pairs` pairs of values, `line` values from one to the
// next. weight: [tile][rows][pairs][kLanes][2].
struct Terms {
  std::array<const std::int16_t*, kPositions> from;
  std::size_t rows, pairs, line;
  const std::int16_t* weight;
  [[nodiscard]] std::size_t of_lanes() const { return rows * pairs * 2 * kLanes; }  // weights
};
using Sums = std::int32_t[kPositions][kTile * kLanes];
using Kernel = void (*)(const Terms& terms, std::size_t tile, Sums& sums);

#if defined(__x86_64__)

// Two neighbouring values as one, as the intrinsics take them.
__attribute__((always_inline)) inline int pair_at(const std::int16_t* values) {
  int pair;
  std::memcpy(&pair, values, sizeof pair);
  return pair;
}

// GCC 12 keeps in memory an array whose indices are constants only once a loop has been unrolled, and copies sums around
// the intrinsic of VPDPWSSD. So the sums k = position * groups + group are named one by one, and added to by assembly.
__attribute__((target("avx512f,avx512vnni"), always_inline)) inline void add_products(__m512i& sum, __m512i w,
                                                                                      __m512i x) {
  asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
}

template <std::size_t kGroups, std::size_t... k>
__attribute__((target("avx512f,avx512vnni"))) void sums_vnni_of(const Terms& terms, Sums& sums,
                                                                std::index_sequence<k...>) {
  __m512i sum[] = {((void)k, _mm512_setzero_si512())...}, w[kGroups], x;
  const auto from = terms.from;
  const auto* weight = terms.weight;
  const auto of_lanes = terms.of_lanes();
  for (std::size_t row = 0; row < terms.rows; ++row) {
    const auto begin = row * terms.line, end = begin + 2 * terms.pairs;
    for (auto at = begin; at < end; at += 2, weight += 2 * kLanes) {
      ((k < kGroups ? void(w[k % kGroups] = _mm512_loadu_si512(weight + k * of_lanes)) : void()), ...);
      ((k % kGroups == 0 ? void(x = _mm512_set1_epi32(pair_at(from[k / kGroups] + at))) : void(),
        add_products(sum[k], w[k % kGroups], x)),
       ...);
    }
  }
  (_mm512_storeu_si512(&sums[k / kGroups][k % kGroups * kLanes], sum[k]), ...);
}

void sums_vnni(const Terms& terms, std::size_t tile, Sums& sums) {
  switch (tile) {
    case 4:
      return sums_vnni_of<4>(terms, sums, std::make_index_sequence<4 * kPositions>());
    case 3:
      return sums_vnni_of<3>(terms, sums, std::make_index_sequence<3 * kPositions>());
    case 2:
      return sums_vnni_of<2>(terms, sums, std::make_index_sequence<2 * kPositions>());
    default:
      return sums_vnni_of<1>(terms, sums, std::make_index_sequence<kPositions>());
  }
}

// k = position * 2 + half of the lanes.
template <std::size_t... k>
__attribute__((target("avx2"))) void sums_avx2_of(const Terms& terms, std::size_t tile, Sums& sums,
                                                  std::index_sequence<k...>) {
  const auto from = terms.from;
  for (std::size_t t = 0; t < tile; ++t) {
    __m256i sum[] = {((void)k, _mm256_setzero_si256())...}, x;
    const auto* weight = reinterpret_cast<const __m256i*>(terms.weight + t * terms.of_lanes());
    for (std::size_t row = 0; row < terms.rows; ++row) {
      const auto begin = row * terms.line, end = begin + 2 * terms.pairs;
      for (auto at = begin; at < end; at += 2, weight += 2) {
        const __m256i w[] = {_mm256_loadu_si256(weight), _mm256_loadu_si256(weight + 1)};
        ((k % 2 == 0 ? void(x = _mm256_set1_epi32(pair_at(from[k / 2] + at))) : void(),
          sum[k] = _mm256_add_epi32(sum[k], _mm256_madd_epi16(w[k % 2], x))),
         ...);
      }
    }
    (_mm256_storeu_si256(reinterpret_cast<__m256i*>(&sums[k / 2][t * kLanes + k % 2 * kLanes / 2]), sum[k]),
     ...);
  }
}

void sums_avx2(const Terms& terms, std::size_t tile, Sums& sums) {
  sums_avx2_of(terms, tile, sums, std::make_index_sequence<2 * kPositions>());
}

// SSE2, which every x86-64 has: k = position * 4 + quarter of the lanes, two positions at a time.
template <std::size_t... k>
void sums_sse2_of(const Terms& terms, std::size_t tile, Sums& sums, std::index_sequence<k...>) {
  constexpr std::size_t kTogether = sizeof...(k) / 4;
  for (std::size_t t = 0; t < tile; ++t) {
    for (std::size_t first = 0; first < kPositions; first += kTogether) {
      __m128i sum[] = {((void)k, _mm_setzero_si128())...}, x;
      const auto* from = &terms.from[first];
      const auto* weight = reinterpret_cast<const __m128i*>(terms.weight + t * terms.of_lanes());
      for (std::size_t row = 0; row < terms.rows; ++row) {
        const auto begin = row * terms.line, end = begin + 2 * terms.pairs;
        for (auto at = begin; at < end; at += 2, weight += 4) {
          ((k % 4 == 0 ? void(x = _mm_set1_epi32(pair_at(from[k / 4] + at))) : void(),
            sum[k] = _mm_add_epi32(sum[k], _mm_madd_epi16(_mm_loadu_si128(weight + k % 4), x))),
           ...);
        }
      }
      (_mm_storeu_si128(reinterpret_cast<__m128i*>(&sums[first + k / 4][t * kLanes + k % 4 * 4]), sum[k]),
       ...);
    }
  }
}

void sums_sse2(const Terms& terms, std::size_t tile, Sums& sums) {
  sums_sse2_of(terms, tile, sums, std::make_index_sequence<8>());
}

#else

void sums_plain(const Terms& terms, std::size_t tile, Sums& sums) {
  for (std::size_t i = 0; i < kPositions; ++i) {
    for (std::size_t t = 0; t < tile; ++t) {
      std::int32_t sum[kLanes]{};
      const auto* w = terms.weight + t * terms.of_lanes();
      for (std::size_t row = 0; row < terms.rows; ++row) {
        const auto* from = terms.from[i] + row * terms.line;
        for (std::size_t pair = 0; pair < terms.pairs; ++pair, w += 2 * kLanes, from += 2) {
          for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sum[lane] += w[2 * lane] * from[0] + w[2 * lane + 1] * from[1];
          }
        }
      }
      std::copy_n(sum, kLanes, &sums[i][t * kLanes]);
    }
  }
}

#endif

Kernel kernel() {
#if defined(__x86_64__)
  if (has_isa(dnnl::cpu_isa::avx512_core_vnni)) return sums_vnni;
  return has_isa(dnnl::cpu_isa::avx2) ? sums_avx2 : sums_sse2;
#else
  return sums_plain;
#endif
}

std::int32_t bounded(std::int32_t v) { return std::min(std::max(v, -32768), 32767); }

VAEC_CLONES void finish_put(const std::int32_t* sums, const std::int32_t* bias, std::size_t count, int shift,
                            std::int16_t* to) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = static_cast<std::int16_t>(bounded((sums[i] + bias[i]) >> shift));
}

VAEC_CLONES void finish_add(const std::int32_t* sums, const std::int32_t* bias, std::size_t count, int shift,
                            std::int16_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::int16_t>(bounded(to[i] + bounded((sums[i] + bias[i]) >> shift)));
  }
}

VAEC_CLONES void leaky_relu(const std::int16_t* from, std::size_t count, std::int16_t* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::int16_t>(model::leaky(from[i]));
}

}  // namespace

WideConv::WideConv(const model::WideLayer& layer)
    : in_(padded_channels(layer.in)), padding_(layer.kernel / 2), shift_(layer.shift), bias_(layer.bias) {
  const auto in = static_cast<std::size_t>(layer.in),
             taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
  bias_.resize(padded_channels(layer.out));
  weight_.resize(bias_.size() * taps * in_);
  for (std::size_t o = 0; o < static_cast<std::size_t>(layer.out); ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        weight_[(((o / kLanes * taps + tap) * (in_ / 2) + i / 2) * kLanes + o % kLanes) * 2 + i % 2] =
            layer.weight[(o * in + i) * taps + tap];
      }
    }
  }
}

void WideConv::run(int width, const std::int16_t* window, std::span<std::int16_t* const> lines,
                   const std::int32_t* bias, bool adds) const {
  const auto sum = kernel();
  const auto count = static_cast<std::size_t>(width), size = static_cast<std::size_t>(2 * padding_ + 1),
             of_line = out() / lines.size();
  Terms terms{{}, size, size * in_ / 2, (count + size - 1) * in_, nullptr};
  Sums sums;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    for (std::size_t first = 0; first < of_line; first += kTile * kLanes) {
      const auto outputs = std::min(kTile * kLanes, of_line - first), of_all = line * of_line + first;
      terms.weight = weight_.data() + of_all * size * size * in_;
      for (std::size_t at = 0; at < count; at += kPositions) {
        for (std::size_t i = 0; i < kPositions; ++i)
          terms.from[i] = window + std::min(at + i, count - 1) * in_;
        sum(terms, outputs / kLanes, sums);
        for (std::size_t i = 0; i < std::min(kPositions, count - at); ++i) {
          auto* target = lines[line] + (at + i) * of_line + first;
          (adds ? finish_add : finish_put)(sums[i], bias + of_all, outputs, shift_, target);
        }
      }
    }
  }
}

void WideConv::put(int width, const std::int16_t* window, std::int16_t* to, const std::int32_t* bias) const {
  run(width, window, {&to, 1}, bias != nullptr ? bias : bias_.data(), false);
}

void WideConv::put_lines(int width, const std::int16_t* window, std::span<std::int16_t* const> lines) const {
  run(width, window, lines, bias_.data(), false);
}

void WideConv::add(int width, const std::int16_t* window, std::int16_t* to) const {
  run(width, window, {&to, 1}, bias_.data(), true);
}

void activate(const std::int16_t* from, std::size_t count, std::int16_t* to) { leaky_relu(from, count, to); }

}  // namespace vaec::infer
