#include "codec/alpha_coder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <utility>

#include "entropy/range_coder.hpp"

namespace vaec::codec {
namespace {

// The probability of a bit, learnt from those before it.
class AdaptiveBit {
 public:
  // That it is 0, in units of 2^-16: 1..65535.
  [[nodiscard]] std::uint32_t frequency_of_zero() const {
    return std::clamp<std::uint32_t>(zero_ >> 6, 1, entropy::kFrequencyTotal - 1);
  }
  void update(bool bit) {
    const int rate = std::min(count_ + 1, kSlowestRate);
    count_ = rate;
    if (bit) {
      zero_ -= zero_ >> rate;
    } else {
      zero_ += (kOne - zero_) >> rate;
    }
  }

 private:
  static constexpr int kSlowestRate = 6;
  static constexpr std::uint32_t kOne = std::uint32_t{1} << 22;
  std::uint32_t zero_ = kOne / 2;
  int count_ = 0;
};

// Both sides run the same code: an encoder is told each bit and returns it, a decoder finds it out.
class BitEncoder {
 public:
  static constexpr bool kDecodes = false;
  bool bit(AdaptiveBit& model, bool value) {
    const auto zero = model.frequency_of_zero();
    if (value) {
      coder_.encode(zero, entropy::kFrequencyTotal - zero);
    } else {
      coder_.encode(0, zero);
    }
    model.update(value);
    return value;
  }
  std::uint32_t bits(std::uint32_t value, int count) {
    coder_.encode_bits(value, count);
    return value;
  }
  [[nodiscard]] std::vector<std::byte> finish() { return coder_.finish(); }

 private:
  entropy::RangeEncoder coder_;
};

class BitDecoder {
 public:
  static constexpr bool kDecodes = true;
  explicit BitDecoder(std::span<const std::byte> stream) : coder_(stream) {}
  bool bit(AdaptiveBit& model, bool) {
    const auto zero = model.frequency_of_zero();
    const bool value = !coder_.consume_first(zero);
    if (value) coder_.consume(zero, entropy::kFrequencyTotal - zero);
    model.update(value);
    return value;
  }
  std::uint32_t bits(std::uint32_t, int count) { return coder_.decode_bits(count); }
  void expect_end() const { coder_.expect_end(); }

 private:
  entropy::RangeDecoder coder_;
};

// The samples around one: to the left, above, above to the left and to the right.
struct Neighbours {
  int west, north, north_west, north_east;

  [[nodiscard]] bool flat() const { return west == north && north == north_west && north == north_east; }
  // The median edge detector of JPEG-LS (ITU-T T.87).
  [[nodiscard]] int predicted() const {
    const int low = std::min(west, north), high = std::max(west, north);
    return north_west >= high ? low : north_west <= low ? high : west + north - north_west;
  }
};

template <typename Coder, typename Sample>
class AlphaBand {
 public:
  AlphaBand(Coder& coder, std::size_t width) : coder_(coder), width_(width) {}

  // `row` is read by an encoder and written by a decoder; `above`: the row before it in the band, or a row of
  // the largest value.
  void code(const Sample* above, Sample* row) {
    bool same = Coder::kDecodes || std::equal(row, row + width_, above);
    same = coder_.bit(repeats_[repeated_ ? 1 : 0], same);
    repeated_ = same;
    if (same) {
      if (Coder::kDecodes) std::copy_n(above, width_, row);
      return;
    }
    for (std::size_t x = 0; x < width_; ++x) {
      const Neighbours n{x > 0 ? row[x - 1] : above[0], above[x], above[x > 0 ? x - 1 : 0],
                         above[std::min(x + 1, width_ - 1)]};
      const int value = code_sample(n, Coder::kDecodes ? 0 : row[x]);
      if (Coder::kDecodes) row[x] = static_cast<Sample>(value);
    }
  }

 private:
  static constexpr int kMax = std::numeric_limits<Sample>::max();
  static constexpr int kDepth = std::numeric_limits<Sample>::digits;
  static constexpr int kActivities = 8;

  // 0: transparent, 1: opaque, 2: between.
  static int kind(int value) { return value == 0 ? 0 : value == kMax ? 1 : 2; }

  int code_sample(const Neighbours& n, int value) {
    if (n.flat()) {
      if (coder_.bit(flat_[kind(n.west)], value == n.west)) return n.west;
    } else {
      const int shape = 3 * ((n.west == n.north_west ? 1 : 0) + (n.north == n.north_west ? 2 : 0) +
                             (n.north == n.north_east ? 4 : 0)) +
                        kind(n.west);
      if (coder_.bit(west_[shape], value == n.west)) return n.west;
      if (n.north != n.west && coder_.bit(north_[shape], value == n.north)) return n.north;
    }
    const int context = 3 * kind(n.west) + kind(n.north);
    if (coder_.bit(extreme_[context], value == 0 || value == kMax)) {
      return coder_.bit(opaque_[context], value == kMax) ? kMax : 0;
    }
    return code_residual(n, value);
  }

  // value - predicted, modulo the number of values: zero, sign, then the size as an Exp-Golomb code whose
  // prefix is adaptive.
  int code_residual(const Neighbours& n, int value) {
    const int change =
        std::abs(n.west - n.north_west) + std::abs(n.north - n.north_west) + std::abs(n.north_east - n.north);
    const int activity =
        std::min<int>(std::bit_width(static_cast<unsigned>(change >> (kDepth - 8))), kActivities - 1);
    const int predicted = n.predicted(), half = (kMax + 1) / 2;
    const int residual = ((value - predicted + half) & kMax) - half;  // -half..half - 1
    if (coder_.bit(zero_[activity], residual == 0)) return predicted;
    const bool negative = coder_.bit(sign_[activity], residual < 0);
    const auto size = static_cast<std::uint32_t>(std::abs(residual));  // 1..half
    const int exponent_told = std::bit_width(size) - 1;
    int exponent = 0;
    while (exponent < kDepth - 1 && coder_.bit(exponent_[activity][exponent], exponent < exponent_told))
      ++exponent;
    const auto leading = std::uint32_t{1} << exponent;
    const auto found = leading + coder_.bits(size & (leading - 1), exponent);
    const int back = negative ? -static_cast<int>(found) : static_cast<int>(found);
    return (predicted + back) & kMax;
  }

  Coder& coder_;
  std::size_t width_;
  bool repeated_ = false;
  std::array<AdaptiveBit, 2> repeats_;
  std::array<AdaptiveBit, 3> flat_;
  std::array<AdaptiveBit, 24> west_, north_;
  std::array<AdaptiveBit, 9> extreme_, opaque_;
  std::array<AdaptiveBit, kActivities> zero_, sign_;
  std::array<std::array<AdaptiveBit, kDepth>, kActivities> exponent_;
};

// `exchange` fills a row for an encoder, and takes it from a decoder.
template <typename Sample, typename Coder, typename Exchange>
void code_band(Coder& coder, std::size_t width, std::size_t rows, const Exchange& exchange) {
  AlphaBand<Coder, Sample> band(coder, width);
  std::vector<Sample> lines(2 * width, std::numeric_limits<Sample>::max());
  Sample *above = lines.data(), *row = above + width;
  for (std::size_t y = 0; y < rows; ++y, std::swap(above, row)) {
    if (!Coder::kDecodes) exchange(y, row);
    band.code(above, row);
    if (Coder::kDecodes) exchange(y, row);
  }
}

}  // namespace

template <typename Sample>
std::vector<std::byte> encode_alpha(std::uint32_t width, std::size_t rows,
                                    const AlphaSource<Sample>& source) {
  BitEncoder coder;
  code_band<Sample>(coder, width, rows, source);
  return coder.finish();
}

template <typename Sample>
void decode_alpha(std::span<const std::byte> stream, std::uint32_t width, std::size_t rows,
                  const AlphaSink<Sample>& sink) {
  BitDecoder coder(stream);
  code_band<Sample>(coder, width, rows, sink);
  coder.expect_end();
}

template std::vector<std::byte> encode_alpha(std::uint32_t, std::size_t, const AlphaSource<std::uint8_t>&);
template std::vector<std::byte> encode_alpha(std::uint32_t, std::size_t, const AlphaSource<std::uint16_t>&);
template void decode_alpha(std::span<const std::byte>, std::uint32_t, std::size_t,
                           const AlphaSink<std::uint8_t>&);
template void decode_alpha(std::span<const std::byte>, std::uint32_t, std::size_t,
                           const AlphaSink<std::uint16_t>&);

}  // namespace vaec::codec
