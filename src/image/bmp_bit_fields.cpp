#include "image/bmp_bit_fields.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "image/byte_reader.hpp"

namespace vaec::image {
namespace {

template <typename Sample>
cv::Mat decode(std::span<const std::byte> file, const BmpBitFields& fields) {
  constexpr std::uint64_t kLargest = std::numeric_limits<Sample>::max();
  const int channels = fields.masks[3] != 0 ? 4 : 3;
  const int bytes = static_cast<int>(fields.bits / 8);
  const std::uint64_t row_bytes = (std::uint64_t{fields.width} * fields.bits + 31) / 32 * 4;
  cv::Mat pixels(static_cast<int>(fields.height), static_cast<int>(fields.width),
                 CV_MAKETYPE(cv::DataType<Sample>::depth, channels));
  for (std::uint32_t y = 0; y < fields.height; ++y) {
    const auto row = fields.top_row_first ? y : fields.height - 1 - y;
    auto* to = pixels.ptr<Sample>(static_cast<int>(y));
    for (std::uint32_t x = 0; x < fields.width; ++x) {
      const auto at =
          fields.pixels_at + row * row_bytes + std::uint64_t{x} * static_cast<std::uint64_t>(bytes);
      const auto pixel = read_integer(file, at, bytes, Endian::kLittle).value_or(0);
      for (int c = 0; c < channels; ++c) {
        constexpr std::size_t kOrder[4] = {2, 1, 0, 3};  // OpenCV's
        const auto mask = fields.masks[kOrder[c]];
        const std::uint64_t largest = mask == 0 ? 1 : mask >> std::countr_zero(mask);
        const std::uint64_t value = mask == 0 ? 0 : (pixel & mask) >> std::countr_zero(mask);
        *to++ = static_cast<Sample>((value * kLargest + largest / 2) / largest);
      }
    }
  }
  return pixels;
}

}  // namespace

cv::Mat decode_bit_fields(std::span<const std::byte> file, const BmpBitFields& fields) {
  const bool deep = std::any_of(fields.masks.begin(), fields.masks.end(),
                                [](auto mask) { return std::popcount(mask) > 8; });
  return deep ? decode<std::uint16_t>(file, fields) : decode<std::uint8_t>(file, fields);
}

}  // namespace vaec::image
