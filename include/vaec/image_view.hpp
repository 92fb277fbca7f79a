// Pictures in memory that someone else owns: what is compressed from there, or decompressed into it, is never
// copied as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vaec/export.hpp"
#include "vaec/image.hpp"

namespace vaec {

// Samples of a picture, row by row: those of a pixel stand side by side. `Pointer`: const void* or void*.
template <typename Pointer>
struct Plane {
  Pointer first = nullptr;  // the first sample of the top left pixel
  std::ptrdiff_t stride =
      0;  // bytes from a row to the one below; negative: the bottom row is the first in memory
  std::uint32_t step = 0;  // samples from a pixel to the one right of it
};

// What both kinds have. A sample is a std::uint8_t or, with a bit_depth of 16, a std::uint16_t in the
// machine's byte order, and then `first` and `stride` are even.
template <typename Pointer>
struct Samples {
  std::uint32_t width = 0;      // pixels
  std::uint32_t height = 0;     // rows
  std::uint32_t channels = 0;   // of colour: 1 (grey) or 3 (RGB)
  std::uint32_t bit_depth = 8;  // 8 or 16, of colour and alpha
  Plane<Pointer> colour;
  Plane<Pointer> alpha;  // `first` null: there is none. 0: transparent, the largest: opaque. Colours are not
                         // multiplied by alpha

  [[nodiscard]] bool has_alpha() const { return alpha.first != nullptr; }
  // Of a pixel, alpha counted in.
  [[nodiscard]] std::uint32_t bytes_per_pixel() const {
    return (channels + (has_alpha() ? 1 : 0)) * bit_depth / 8;
  }
};

struct MetadataView {
  std::span<const std::byte> icc, exif, xmp;  // see Metadata; empty: not there
  Resolution resolution = {};
};

// A picture to compress.
struct ImageView : Samples<const void*> {
  MetadataView metadata;

  ImageView() = default;
  // Of a picture that outlives the view. Throws Error kUsage: members that do not agree.
  VAEC_API ImageView(const Image& image);  // NOLINT: meant to convert
  // Of pixels with all their samples side by side, as most libraries have them; `samples_per_pixel`: 1 grey,
  // 2 grey and alpha, 3 RGB, 4 RGBA. `stride`: bytes from row to row; 0: rows without gaps. Throws Error
  // kUsage: another number of samples.
  VAEC_API ImageView(const std::uint8_t* samples, std::uint32_t width, std::uint32_t height,
                     std::uint32_t samples_per_pixel, std::ptrdiff_t stride = 0);
  VAEC_API ImageView(const std::uint16_t* samples, std::uint32_t width, std::uint32_t height,
                     std::uint32_t samples_per_pixel, std::ptrdiff_t stride = 0);
};

// Room for a picture.
struct ImageBuffer : Samples<void*> {
  ImageBuffer() = default;
  // As for ImageView.
  VAEC_API ImageBuffer(std::uint8_t* samples, std::uint32_t width, std::uint32_t height,
                       std::uint32_t samples_per_pixel, std::ptrdiff_t stride = 0);
  VAEC_API ImageBuffer(std::uint16_t* samples, std::uint32_t width, std::uint32_t height,
                       std::uint32_t samples_per_pixel, std::ptrdiff_t stride = 0);
};

}  // namespace vaec
