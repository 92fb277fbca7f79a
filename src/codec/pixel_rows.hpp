// Rows of a picture as integers, the samples of a pixel side by side and alpha last, and back.
#pragma once

#include <cstdint>

#include "codec/pixels.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

template <typename Sample>
void get_pixels(const ImageView& image, std::size_t row, std::int32_t* pixels) {
  const int colours = static_cast<int>(image.channels);
  const auto* from = row_of<Sample>(image.colour, row);
  if (!image.has_alpha()) {
    for (std::uint32_t x = 0; x < image.width; ++x, from += image.colour.step) {
      for (int c = 0; c < colours; ++c) *pixels++ = from[c];
    }
    return;
  }
  const auto* alpha = row_of<Sample>(image.alpha, row);
  for (std::uint32_t x = 0; x < image.width; ++x, from += image.colour.step, alpha += image.alpha.step) {
    for (int c = 0; c < colours; ++c) *pixels++ = from[c];
    *pixels++ = *alpha;
  }
}

// `width` pixels of 1 or 3 colours each, and alpha if `alpha` says so: that is dropped where the buffer has no
// room for it.
template <typename Sample>
void put_pixels(const ImageBuffer& image, std::size_t row, const std::int32_t* pixels, bool alpha) {
  const int colours = static_cast<int>(image.channels), step = colours + (alpha ? 1 : 0);
  auto* to = row_of<Sample>(image.colour, row);
  for (std::uint32_t x = 0; x < image.width; ++x, to += image.colour.step) {
    for (int c = 0; c < colours; ++c)
      to[c] =
          static_cast<Sample>(pixels[x * static_cast<std::uint32_t>(step) + static_cast<std::uint32_t>(c)]);
  }
  if (!alpha || !image.has_alpha()) return;
  auto* opacity = row_of<Sample>(image.alpha, row);
  for (std::uint32_t x = 0; x < image.width; ++x, opacity += image.alpha.step)
    *opacity = static_cast<Sample>(
        pixels[x * static_cast<std::uint32_t>(step) + static_cast<std::uint32_t>(colours)]);
}

inline void get_pixels(const ImageView& image, std::size_t row, std::int32_t* pixels) {
  if (image.bit_depth == 16) {
    get_pixels<std::uint16_t>(image, row, pixels);
  } else {
    get_pixels<std::uint8_t>(image, row, pixels);
  }
}

inline void put_pixels(const ImageBuffer& image, std::size_t row, const std::int32_t* pixels, bool alpha) {
  if (image.bit_depth == 16) {
    put_pixels<std::uint16_t>(image, row, pixels, alpha);
  } else {
    put_pixels<std::uint8_t>(image, row, pixels, alpha);
  }
}

}  // namespace vaec::codec
