// A decoded picture in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vaec {

struct Size {
  std::uint32_t width = 0, height = 0;  // pixels

  [[nodiscard]] bool operator==(const Size&) const = default;
};

// How large a picture is meant to be seen or printed.
struct Resolution {
  enum class Unit : std::uint8_t {
    kRatio = 0,  // none: only how high a pixel is for its width, x for y
    kInch = 1,
    kCentimetre = 2,
    kMetre = 3,
  };
  Unit unit = Unit::kRatio;
  std::uint32_t x = 0, y = 0;  // thousandths of pixels in a unit; both 0: not known

  [[nodiscard]] bool empty() const { return x == 0 && y == 0; }
  [[nodiscard]] bool operator==(const Resolution&) const = default;
};

// What describes a picture; empty: not there.
struct Metadata {
  std::vector<std::byte> icc;   // a colour profile (ISO 15076-1); without one the samples are sRGB
  std::vector<std::byte> exif;  // EXIF as a TIFF structure, without "Exif\0\0" before it
  std::vector<std::byte> xmp;   // an XMP packet (ISO 16684-1), UTF-8
  Resolution resolution = {};   // where EXIF does not say the same

  [[nodiscard]] bool empty() const {
    return icc.empty() && exif.empty() && xmp.empty() && resolution.empty();
  }
  [[nodiscard]] bool operator==(const Metadata&) const = default;
};

// Rows from top to bottom, upright: a pixel of samples[0] is the picture's top left corner, whatever EXIF
// says. Colours are not multiplied by alpha.
struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 0;              // of colour: 1 (grey) or 3 (RGB, interleaved); alpha stands apart
  std::vector<std::uint8_t> samples = {};  // width * height * channels, if bit_depth is 8

  std::uint32_t bit_depth = 8;                // 8 or 16, of colour and alpha
  std::vector<std::uint16_t> samples16 = {};  // width * height * channels, if bit_depth is 16

  // width * height samples, 0: transparent, the largest: opaque. Both empty: all is opaque. The one that goes
  // with bit_depth.
  std::vector<std::uint8_t> alpha = {};
  std::vector<std::uint16_t> alpha16 = {};

  Metadata metadata = {};

  [[nodiscard]] bool has_alpha() const { return !alpha.empty() || !alpha16.empty(); }
  // Of a pixel, alpha counted in.
  [[nodiscard]] std::uint32_t bytes_per_pixel() const {
    return (channels + (has_alpha() ? 1 : 0)) * bit_depth / 8;
  }

  [[nodiscard]] bool operator==(const Image&) const = default;
};

}  // namespace vaec
