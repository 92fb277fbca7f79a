// BMP: a file header of 14 bytes, an info header of 12 (OS/2) or 40 and more (Microsoft, BITMAPV5HEADER).
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <optional>
#include <string>

#include "image/byte_reader.hpp"
#include "image/probe_formats.hpp"

namespace vaec::image {
namespace {

constexpr std::uint32_t kOldHeader = 12, kHeaderWithAlphaMask = 56, kHeaderWithProfile = 124;
constexpr std::uint32_t kUncompressed = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

struct Fields {
  std::uint32_t header = 0, pixels_at = 0, planes = 0, bits = 0, compression = 0;
  std::int64_t width = 0, height = 0;  // height < 0: top row first
};

std::optional<Fields> read_fields(std::span<const std::byte> file) {
  const auto at = [&](std::uint64_t offset, int size) {
    return read_integer(file, offset, size, Endian::kLittle);
  };
  const auto pixels_at = at(10, 4), header = at(14, 4);
  if (!pixels_at || !header) return std::nullopt;
  Fields fields{*header, *pixels_at, 0, 0, kUncompressed, 0, 0};
  if (fields.header == kOldHeader) {
    if (!at(24, 2)) return std::nullopt;
    fields.width = *at(18, 2);
    fields.height = *at(20, 2);
    fields.planes = *at(22, 2);
    fields.bits = *at(24, 2);
    return fields;
  }
  if (!at(30, 4)) return std::nullopt;
  fields.width = static_cast<std::int32_t>(*at(18, 4));
  fields.height = static_cast<std::int32_t>(*at(22, 4));
  fields.planes = *at(26, 2);
  fields.bits = *at(28, 2);
  fields.compression = *at(30, 4);
  return fields;
}

std::array<std::uint32_t, 4> masks_of(std::span<const std::byte> file, const Fields& fields) {
  const auto at = [&](std::uint64_t offset) {
    return read_integer(file, offset, 4, Endian::kLittle).value_or(0);
  };
  const bool has_alpha = fields.header >= kHeaderWithAlphaMask || fields.compression == kAlphaBitFields;
  return {at(54), at(58), at(62), has_alpha ? at(66) : 0};
}

bool has_bit_fields(const Fields& fields) {
  return (fields.compression == kBitFields || fields.compression == kAlphaBitFields) &&
         (fields.bits == 16 || fields.bits == 32);
}

// Consecutive bits that overlap with no other mask, and some for each colour.
bool are_good(const std::array<std::uint32_t, 4>& masks) {
  std::uint32_t seen = 0;
  for (const auto mask : masks) {
    if (mask == 0) continue;
    const auto run = mask >> std::countr_zero(mask);
    if ((run & (run + 1)) != 0 || (seen & mask) != 0) return false;
    seen |= mask;
  }
  return masks[0] != 0 || masks[1] != 0 || masks[2] != 0;
}

std::string damage_of(std::span<const std::byte> file, const Fields& fields) {
  if (fields.width <= 0 || fields.height == 0) return "damaged: the BMP says no width and height";
  if (fields.planes != 1)
    return "damaged: the BMP says " + std::to_string(fields.planes) + " planes, expected 1";
  const bool is_run_length = fields.compression == kRle8 || fields.compression == kRle4;
  if (is_run_length && fields.height < 0) return "damaged: a run-length BMP must not begin with the top row";
  if (fields.bits == 2) return "is a BMP of 2 bits a pixel, which this version cannot read";
  if (has_bit_fields(fields) && !are_good(masks_of(file, fields)))
    return "damaged: the BMP's channel masks make no sense";
  if ((fields.compression != kUncompressed && !has_bit_fields(fields)) || fields.bits > 32) return {};
  const auto rows = static_cast<std::uint64_t>(std::abs(fields.height));
  const std::uint64_t row = (static_cast<std::uint64_t>(fields.width) * fields.bits + 31) / 32 * 4;
  if (fields.pixels_at > file.size() ||
      rows > (file.size() - fields.pixels_at) / std::max<std::uint64_t>(row, 1)) {
    return "truncated: has " + std::to_string(file.size()) + " bytes, but " + std::to_string(fields.width) +
           "x" + std::to_string(rows) + " pixels need more";
  }
  return {};
}

}  // namespace

Probe probe_bmp(std::span<const std::byte> file) {
  Probe result;
  const auto fields = read_fields(file);
  if (!fields) {
    result.damage = "truncated: ends within the BMP header";
    return result;
  }
  result.width = static_cast<std::uint64_t>(std::max<std::int64_t>(fields->width, 0));
  result.height = static_cast<std::uint64_t>(std::abs(fields->height));
  if (has_bit_fields(*fields)) {
    const auto masks = masks_of(file, *fields);
    result.bit_fields = {static_cast<std::uint32_t>(result.width),
                         static_cast<std::uint32_t>(result.height),
                         fields->height < 0,
                         fields->pixels_at,
                         fields->bits,
                         masks};
    result.has_alpha = masks[3] != 0;
    result.is_deep =
        std::any_of(masks.begin(), masks.end(), [](auto mask) { return std::popcount(mask) > 8; });
  }
  if (fields->header >= kHeaderWithProfile) {
    result.has_icc = has_text_at(file, 70, "DEBM") || has_text_at(file, 70, "KNIL");  // embedded or linked
  }
  result.damage = damage_of(file, *fields);
  return result;
}

}  // namespace vaec::image
