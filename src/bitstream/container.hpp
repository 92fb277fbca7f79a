// The .vaec container (docs/format.md): parse and write, every bound checked. No pixel and no network here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::bitstream {

inline constexpr std::uint8_t kFormatVersion = 1;

inline constexpr std::uint32_t kMaxSide = 0x7FFFFFFF;      // of width and height
inline constexpr std::uint32_t kMaxBandRows = 0x7FFFFFFF;  // rows of samples a band
inline constexpr std::uint32_t kMaxLatentBandRows = 64;    // of the latent: a band is decoded as a whole

// The grids of the hyperprior profile: a cell of the latent stands for 16x16 pixels, one of the hyper-latent
// for 64x64. The last cells of a side may reach beyond the picture.
[[nodiscard]] constexpr std::uint32_t latent_cells(std::uint32_t pixels) {
  return static_cast<std::uint32_t>((std::uint64_t{pixels} + 15) / 16);
}
[[nodiscard]] constexpr std::uint32_t hyper_cells(std::uint32_t pixels) {
  return static_cast<std::uint32_t>((std::uint64_t{pixels} + 63) / 64);
}

// How many bands `rows` rows make.
[[nodiscard]] constexpr std::uint32_t band_count(std::uint32_t rows, std::uint32_t band_rows) {
  return static_cast<std::uint32_t>((std::uint64_t{rows} + band_rows - 1) / band_rows);
}

// What a decoder does to the chunks' content.
enum class Profile : std::uint8_t {
  kHyperprior = 0,  // `photo`: LF image, hyper-latent and bands of latent rows
  kSmallImage = 1,  // `mnist`: one stream
  kLossless = 2,    // no model: a plan and bands of pixel rows
};

struct Header {
  Profile profile = Profile::kHyperprior;
  std::array<std::uint8_t, 8>
      model_id{};           // kSmallImage stores the first 4 only, kLossless none: the others read as zero
  std::uint32_t width = 0;  // 1..2^31-1
  std::uint32_t height = 0;
  std::uint8_t channels = 0;   // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  std::uint8_t bit_depth = 8;  // 8 or 16; kSmallImage: 8, and no alpha
  std::uint8_t quality = 0;    // 1..100; kLossless: 0, and not stored

  [[nodiscard]] bool has_alpha() const { return channels % 2 == 0; }
  [[nodiscard]] std::uint8_t colours() const { return channels < 3 ? 1 : 3; }
};

// Rows cut into bands from the top, a stream each.
struct Bands {
  std::uint32_t rows = 0;  // a band; the last may have fewer
  std::vector<std::span<const std::byte>> streams;
};

// A .vaec file's content. The spans point into the bytes that `parse` was given.
struct Container {
  Header header;
  std::span<const std::byte> lf;     // kHyperprior: the range-coded LF image
  std::span<const std::byte> hyper;  // kHyperprior: the range-coded hyper-latent z
  std::vector<std::span<const std::byte>>
      bands;  // kHyperprior: one stream a band of latent rows; kSmallImage: one; kLossless: one a band of pixel rows
  std::uint32_t band_rows = 0;        // rows a band (the last may have fewer); not in kSmallImage
  std::span<const std::byte> plan;    // how samples became what bands of pixel rows hold: kLossless, and
  Bands exact;                        // kHyperprior with blocks that are kept exactly: of pixel rows
  std::span<const std::byte> filter;  // kHyperprior: the last filter; empty: none
  Bands alpha;                        // of pixel rows, of a picture with alpha
  std::optional<std::uint32_t> latent_crc;    // CRC-32C of the decoded integer latent, int32 little-endian
  std::span<const std::byte> icc, exif, xmp;  // zlib streams; empty: none
  Resolution resolution;
};

// Serializes; throws Error kInternal for a content that the format cannot hold: a field out of its range, a
// number of bands that does not match the height, streams of the other profile.
[[nodiscard]] std::vector<std::byte> write(const Container& container);

// Throws Error kCorrupt: not a .vaec file, truncated, checksum mismatch, a field out of its range; kUnsupported: an
// unknown critical chunk, a newer format version. Every message says field, offset, found and expected.
// Allocates no more than a small multiple of the input's size, whatever its fields claim. (Size limits are
// the codec's: it tests Header before it allocates.)
[[nodiscard]] Container parse(std::span<const std::byte> file);

// Throws Error kCorrupt for what does not begin as a .vaec file does, or is shorter than that.
void check_magic(std::span<const std::byte> file);

// The header alone, which `file` begins with. Throws Error kCorrupt or kUnsupported; the checksum is not looked at.
[[nodiscard]] Header parse_header(std::span<const std::byte> file);

}  // namespace vaec::bitstream
