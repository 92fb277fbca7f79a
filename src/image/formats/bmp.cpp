// BMP: a file header of 14 bytes, an info header of 12 (OS/2) or 40 and more (Microsoft, BITMAPV5HEADER).
// OpenCV reads the pixels, but for bit fields, of which it knows few and shifts some, and for OS/2's palettes;
// the headers are read here.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "image/byte_reader.hpp"
#include "image/formats/formats.hpp"
#include "image/opencv/decode.hpp"
#include "image/opencv/tools.hpp"
#include "image/resolution.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using Masks = std::array<std::uint32_t, 4>;  // red, green, blue, alpha; 0: none

constexpr std::uint32_t kOldHeader = 12, kHeaderWithAlphaMask = 56, kHeaderWithColours = 108,
                        kHeaderWithProfile = 124;
constexpr std::uint32_t kUncompressed = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

struct BmpHeader {
  std::uint32_t header = 0, pixels_at = 0, planes = 0, bits = 0, compression = kUncompressed, colours = 0;
  std::int64_t width = 0, height = 0;  // height < 0: top row first
  std::uint32_t x_per_metre = 0, y_per_metre = 0;
  Masks masks = {};

  [[nodiscard]] std::uint64_t rows() const { return static_cast<std::uint64_t>(std::abs(height)); }
  [[nodiscard]] std::uint64_t row_bytes() const {
    return (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
  }
  [[nodiscard]] bool has_masks() const {
    return (compression == kBitFields || compression == kAlphaBitFields) && (bits == 16 || bits == 32);
  }
  // Of 16 bits without masks: five a colour.
  [[nodiscard]] bool has_bit_fields() const {
    return has_masks() || (compression == kUncompressed && bits == 16);
  }
  // OpenCV makes greys of it.
  [[nodiscard]] bool has_old_palette() const { return header == kOldHeader && bits <= 8; }
};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

std::optional<BmpHeader> read_fields(std::span<const std::byte> file) {
  const auto at = [&](std::uint64_t offset, int size) {
    return read_integer(file, offset, size, Endian::kLittle);
  };
  BmpHeader found;
  const auto pixels_at = at(10, 4), header = at(14, 4);
  if (!pixels_at || !header) return std::nullopt;
  found.pixels_at = *pixels_at;
  found.header = *header;
  if (found.header == kOldHeader) {
    if (!at(24, 2)) return std::nullopt;
    found.width = *at(18, 2);
    found.height = *at(20, 2);
    found.planes = *at(22, 2);
    found.bits = *at(24, 2);
    return found;
  }
  if (!at(30, 4)) return std::nullopt;
  found.width = static_cast<std::int32_t>(*at(18, 4));
  found.height = static_cast<std::int32_t>(*at(22, 4));
  found.planes = *at(26, 2);
  found.bits = *at(28, 2);
  found.compression = *at(30, 4);
  constexpr std::uint32_t kOs2Short = 16;
  if (found.header > kOs2Short) {
    found.x_per_metre = at(38, 4).value_or(0);
    found.y_per_metre = at(42, 4).value_or(0);
    found.colours = at(46, 4).value_or(0);
  }
  if (found.has_bit_fields()) found.masks = {0x7c00, 0x3e0, 0x1f, 0};
  if (found.has_masks()) {
    const bool has_alpha = found.header >= kHeaderWithAlphaMask || found.compression == kAlphaBitFields;
    found.masks = {at(54, 4).value_or(0), at(58, 4).value_or(0), at(62, 4).value_or(0),
                   has_alpha ? at(66, 4).value_or(0) : 0};
  }
  return found;
}

// Consecutive bits that overlap with no other mask, and some for a colour.
bool are_good(const Masks& masks) {
  std::uint32_t seen = 0;
  for (const auto mask : masks) {
    if (mask == 0) continue;
    const auto run = mask >> std::countr_zero(mask);
    if ((run & (run + 1)) != 0 || (seen & mask) != 0) return false;
    seen |= mask;
  }
  return masks[0] != 0 || masks[1] != 0 || masks[2] != 0;
}

BmpHeader parse(std::span<const std::byte> file) {
  const auto found = read_fields(file);
  if (!found) refuse("truncated: ends within the BMP header");
  if (found->width <= 0 || found->height == 0) refuse("damaged: the BMP says no width and height");
  if (found->planes != 1)
    refuse("damaged: the BMP says " + std::to_string(found->planes) + " planes, expected 1");
  const bool is_run_length = found->compression == kRle8 || found->compression == kRle4;
  if (is_run_length && found->height < 0) refuse("damaged: a run-length BMP must not begin with the top row");
  if (found->bits == 2) refuse("is a BMP of 2 bits a pixel, which this version cannot read");
  if (found->has_bit_fields() && !are_good(found->masks))
    refuse("damaged: the BMP's channel masks make no sense");
  if ((found->compression != kUncompressed && !found->has_bit_fields()) || found->bits > 32) return *found;
  if (found->pixels_at > file.size() ||
      found->rows() > (file.size() - found->pixels_at) / std::max<std::uint64_t>(found->row_bytes(), 1)) {
    refuse("truncated: has " + std::to_string(file.size()) + " bytes, but " + std::to_string(found->width) +
           "x" + std::to_string(found->rows()) + " pixels need more");
  }
  return *found;
}

// Whether a picture of a palette has greys alone, as OpenCV finds it out.
bool has_grey_palette(std::span<const std::byte> file, const BmpHeader& found) {
  if (found.bits > 8) return false;
  const std::uint64_t entry = found.header == kOldHeader ? 3 : 4, begin = 14 + std::uint64_t{found.header};
  const std::uint64_t most = std::uint64_t{1} << found.bits,
                      count = found.colours == 0 ? most : std::min<std::uint64_t>(found.colours, most);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto colour = read_integer(file, begin + i * entry, 3, Endian::kLittle).value_or(0);
    if ((colour & 0xff) != (colour >> 8 & 0xff) || (colour & 0xff) != colour >> 16) return false;
  }
  return true;
}

Header header_of(std::span<const std::byte> file, const BmpHeader& found) {
  Header header{static_cast<std::uint64_t>(found.width), found.rows(),
                has_grey_palette(file, found) ? 1U : 3U, found.masks[3] != 0, 8};
  if (std::any_of(found.masks.begin(), found.masks.end(), [](auto mask) { return std::popcount(mask) > 8; }))
    header.bit_depth = 16;
  return header;
}

Header read_header(std::span<const std::byte> file) { return header_of(file, parse(file)); }

template <typename Sample>
void read_bit_fields(std::span<const std::byte> file, const BmpHeader& found, Image& image) {
  constexpr std::uint64_t kLargest = std::numeric_limits<Sample>::max();
  const std::size_t channels = found.masks[3] != 0 ? 4 : 3;
  const std::uint64_t bytes = found.bits / 8;
  std::vector<Sample> line(image.width * channels);
  for (std::uint64_t y = 0; y < image.height; ++y) {
    const auto row = found.height < 0 ? y : image.height - 1 - y;
    auto* to = line.data();
    for (std::uint64_t x = 0; x < image.width; ++x) {
      const auto offset = found.pixels_at + row * found.row_bytes() + x * bytes;
      const auto pixel = read_integer(file, offset, static_cast<int>(bytes), Endian::kLittle).value_or(0);
      for (std::size_t c = 0; c < channels; ++c) {
        const auto mask = found.masks[c];
        const std::uint64_t largest = mask == 0 ? 1 : mask >> std::countr_zero(mask);
        const std::uint64_t value = mask == 0 ? 0 : (pixel & mask) >> std::countr_zero(mask);
        *to++ = static_cast<Sample>((value * kLargest + largest / 2) / largest);
      }
    }
    put_row(image, y, line.data());
  }
}

// What the palette lacks is black.
void read_old_palette(std::span<const std::byte> file, const BmpHeader& found, Image& image) {
  constexpr std::uint64_t kPalette = 14 + kOldHeader;
  std::vector<std::uint8_t> line(std::size_t{image.width} * image.channels);
  for (std::uint64_t y = 0; y < image.height; ++y) {
    const auto begin = found.pixels_at + (image.height - 1 - y) * found.row_bytes();
    for (std::uint64_t x = 0; x < image.width; ++x) {
      const auto byte = read_integer(file, begin + x * found.bits / 8, 1, Endian::kLittle).value_or(0);
      const auto shift = 8 - found.bits - x * found.bits % 8;
      const std::uint64_t index = byte >> shift & ((1U << found.bits) - 1), entry = kPalette + index * 3;
      const auto blue_green_red =
          entry + 3 <= found.pixels_at ? read_integer(file, entry, 3, Endian::kLittle).value_or(0) : 0;
      for (std::uint32_t c = 0; c < image.channels; ++c)
        line[x * image.channels + c] = static_cast<std::uint8_t>(blue_green_red >> (16 - 8 * c) & 0xff);
    }
    put_row(image, y, line.data());
  }
}

// An alpha channel that is 0 everywhere was never meant.
template <typename Sample>
void drop_empty(std::vector<Sample>& alpha) {
  if (std::all_of(alpha.begin(), alpha.end(), [](Sample sample) { return sample == 0; })) alpha.clear();
}

// Of BITMAPV5HEADER: a profile in the file, or only its name.
void read_profile(std::span<const std::byte> file, const BmpHeader& found, Content& content) {
  if (found.header >= kHeaderWithColours && read_integer(file, 70, 4, Endian::kLittle) == 0U &&
      read_integer(file, 110, 4, Endian::kLittle).value_or(0) != 0) {
    content.notes.emplace_back("its calibrated colours (primaries and gamma): left out");
  }
  if (found.header < kHeaderWithProfile) return;
  constexpr std::uint64_t kInfoHeader = 14;
  const bool is_embedded = has_text_at(file, 70, "DEBM"), is_linked = has_text_at(file, 70, "KNIL");
  const std::uint64_t offset = read_integer(file, 126, 4, Endian::kLittle).value_or(0) + kInfoHeader,
                      size = read_integer(file, 130, 4, Endian::kLittle).value_or(0);
  if (is_embedded && offset <= file.size() && size <= file.size() - offset) {
    const auto profile = file.subspan(offset, size);
    content.icc.assign(profile.begin(), profile.end());
  } else if (is_embedded || is_linked) {
    content.notes.push_back(is_linked ? "a colour profile that stands in another file: left out"
                                      : "a colour profile that lies outside of the file: left out");
  }
}

Content read(std::span<const std::byte> file, const ReadOptions& options) {
  const BmpHeader found = parse(file);
  const Header header = header_of(file, found);
  Content content;
  if (found.has_old_palette()) {
    content.image = make_image(header);
    read_old_palette(file, found, content.image);
  } else if (!found.has_bit_fields()) {
    content.image = opencv_decode(file, header);
  } else {
    content.image = make_image(header);
    if (header.bit_depth == 16) {
      read_bit_fields<std::uint16_t>(file, found, content.image);
    } else {
      read_bit_fields<std::uint8_t>(file, found, content.image);
    }
    drop_empty(content.image.alpha);
    drop_empty(content.image.alpha16);
  }
  if (options.keeps_metadata) read_profile(file, found, content);
  content.resolution = make_resolution(Resolution::Unit::kMetre, found.x_per_metre, found.y_per_metre);
  return content;
}

// Of metadata the resolution alone, which OpenCV leaves 0.
std::vector<std::byte> write(const Image& image, const Metadata& metadata, const WriteOptions&,
                             Losses& losses) {
  losses.icc |= !metadata.icc.empty();
  losses.exif |= !metadata.exif.empty();
  losses.xmp |= !metadata.xmp.empty();
  auto file = opencv_encode(image, ".bmp", {});
  const Resolution& resolution = metadata.resolution;
  if (resolution.empty()) return file;
  losses.resolution |= is_ratio(resolution);
  if (is_ratio(resolution)) return file;
  constexpr std::size_t kPerMetre = 38;  // two integers of BITMAPINFOHEADER
  std::size_t at = kPerMetre;
  for (const std::uint32_t thousandths : {resolution.x, resolution.y}) {
    const auto pixels = std::lround(in_unit(resolution, thousandths, Resolution::Unit::kMetre));
    for (int shift = 0; shift < 32; shift += 8)
      file.at(at++) = static_cast<std::byte>(pixels >> shift & 0xff);
  }
  return file;
}

}  // namespace

const Format& bmp_format() {
  static const Format format{read_header, read, write};
  return format;
}

}  // namespace vaec::image
