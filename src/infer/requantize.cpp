#include "infer/requantize.hpp"

#include <algorithm>

#include "infer/onednn.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vaec::infer {
namespace {

constexpr std::int32_t kStreamLow = -32768, kStreamHigh = 32767;

std::int32_t sixteen(std::int32_t v) { return std::min(std::max(v, kStreamLow), kStreamHigh); }

// What is true fits in 32 bits; a sum on the way may wrap around.
std::int32_t biased(std::int32_t sum, std::int32_t bias) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(bias));
}

// Calls use(at, channel) for every value of `count` positions.
template <typename Use>
void for_values(std::size_t count, std::size_t channels, const Use& use) {
  for (std::size_t i = 0, at = 0; i < count; ++i) {
    for (std::size_t c = 0; c < channels; ++c, ++at) use(at, c);
  }
}

std::int32_t requantized(const Requantizer& by, std::int32_t sum, std::size_t c) {
  return model::multiplied(sixteen(biased(sum, by.bias[c]) >> by.shift), by.multiplier[c]);
}

#if defined(__x86_64__)

bool has_avx2() {
  static const bool has = has_isa(dnnl::cpu_isa::avx2);
  return has;
}

#define VAEC_AVX2 __attribute__((target("avx2")))
constexpr std::size_t kRequantized = 16;

// Sixteen values in 16 bits: PACKSSDW bounds them, PMULHRSW is model::multiplied.
VAEC_AVX2 inline __m256i requantized16(const Requantizer& by, const std::int32_t* sums, std::size_t c) {
  const auto load = [](const auto* from) __attribute__((target("avx2"))) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  };
  const __m128i shift = _mm_cvtsi32_si128(by.shift);
  const auto* bias = by.bias.data() + c;
  const __m256i low = _mm256_sra_epi32(_mm256_add_epi32(load(sums), load(bias)), shift),
                high = _mm256_sra_epi32(_mm256_add_epi32(load(sums + 8), load(bias + 8)), shift);
  const __m256i values = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
  return _mm256_mulhrs_epi16(values, load(by.multiplier.data() + c));
}

// PACKUSWB bounds to 0..255.
VAEC_AVX2 inline void store_bytes(__m256i values, std::uint8_t* to) {
  const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}
static_assert(model::kHiddenMaximum + kHiddenZero == 255 && kStreamZero == 128);

VAEC_AVX2 void hidden_avx2(const Requantizer& by, const std::int32_t* sums, std::size_t count,
                           std::uint8_t* to) {
  constexpr std::int16_t kLeast =
      -2048;  // its product has 16 bits, and it is bounded to kHiddenMinimum all the same
  static_assert(model::leaky(kLeast) < model::kHiddenMinimum && kLeast * model::kIntegerSlope >= kStreamLow);
  const __m256i least = _mm256_set1_epi16(kLeast), slope = _mm256_set1_epi16(model::kIntegerSlope),
                half = _mm256_set1_epi16(1 << (model::kSlopeShift - 1)),
                zero = _mm256_set1_epi16(kHiddenZero), most = _mm256_set1_epi16(model::kHiddenMaximum);
  const auto channels = by.bias.size();
  for (std::size_t i = 0; i < count; ++i, sums += channels, to += channels) {
    for (std::size_t c = 0; c < channels; c += kRequantized) {
      const __m256i value = _mm256_min_epi16(_mm256_max_epi16(requantized16(by, sums + c, c), least), most);
      // The larger of the two below zero and above.
      const __m256i sloped =
          _mm256_srai_epi16(_mm256_add_epi16(_mm256_mullo_epi16(value, slope), half), model::kSlopeShift);
      store_bytes(_mm256_add_epi16(_mm256_max_epi16(value, sloped), zero), to + c);
    }
  }
}

VAEC_AVX2 void put_avx2(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::size_t first,
                        std::size_t channels, std::int16_t* to) {
  for (std::size_t i = 0; i < count; ++i, sums += by.bias.size(), to += channels) {
    for (std::size_t c = 0; c < channels; c += kRequantized) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + c), requantized16(by, sums + first + c, first + c));
    }
  }
}

VAEC_AVX2 void add_avx2(const Requantizer& by, const std::int32_t* sums, std::size_t count,
                        std::int16_t* to) {
  const auto channels = by.bias.size();
  for (std::size_t i = 0; i < count; ++i, sums += channels, to += channels) {
    for (std::size_t c = 0; c < channels; c += kRequantized) {
      auto* target = reinterpret_cast<__m256i*>(to + c);
      _mm256_storeu_si256(target,
                          _mm256_adds_epi16(_mm256_loadu_si256(target), requantized16(by, sums + c, c)));
    }
  }
}

VAEC_AVX2 void stream_avx2(const std::vector<std::int16_t>& multiplier, const std::int16_t* stream,
                           std::size_t count, std::uint8_t* to) {
  const __m256i zero = _mm256_set1_epi16(kStreamZero);
  const auto channels = multiplier.size();
  for (std::size_t i = 0; i < count; ++i, stream += channels, to += channels) {
    for (std::size_t c = 0; c < channels; c += kRequantized) {
      const __m256i value =
          _mm256_mulhrs_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(stream + c)),
                              _mm256_loadu_si256(reinterpret_cast<const __m256i*>(multiplier.data() + c)));
      store_bytes(_mm256_adds_epi16(value, zero), to + c);
    }
  }
}

#endif

}  // namespace

void requantize_hidden(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::uint8_t* to) {
#if defined(__x86_64__)
  if (has_avx2()) return hidden_avx2(by, sums, count, to);
#endif
  for_values(count, by.bias.size(), [&](std::size_t at, std::size_t c) {
    const auto value = model::leaky(requantized(by, sums[at], c));
    to[at] = static_cast<std::uint8_t>(std::clamp(value, model::kHiddenMinimum, model::kHiddenMaximum) +
                                       kHiddenZero);
  });
}

void requantize_put(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::size_t first,
                    std::size_t channels, std::int16_t* to) {
#if defined(__x86_64__)
  if (has_avx2()) return put_avx2(by, sums, count, first, channels, to);
#endif
  for_values(count, channels, [&](std::size_t at, std::size_t c) {
    const auto sum = sums[at / channels * by.bias.size() + first + c];
    to[at] = static_cast<std::int16_t>(requantized(by, sum, first + c));
  });
}

void requantize_add(const Requantizer& by, const std::int32_t* sums, std::size_t count, std::int16_t* to) {
#if defined(__x86_64__)
  if (has_avx2()) return add_avx2(by, sums, count, to);
#endif
  for_values(count, by.bias.size(), [&](std::size_t at, std::size_t c) {
    to[at] = static_cast<std::int16_t>(sixteen(to[at] + requantized(by, sums[at], c)));
  });
}

void quantize_stream(const std::vector<std::int16_t>& multiplier, const std::int16_t* stream,
                     std::size_t count, std::uint8_t* to) {
#if defined(__x86_64__)
  if (has_avx2()) return stream_avx2(multiplier, stream, count, to);
#endif
  for_values(count, multiplier.size(), [&](std::size_t at, std::size_t c) {
    const auto value = model::multiplied(stream[at], multiplier[c]);
    to[at] = static_cast<std::uint8_t>(std::clamp(value, -kStreamZero, 255 - kStreamZero) + kStreamZero);
  });
}

}  // namespace vaec::infer
