// Rows of samples as libraries have them, those of a pixel side by side, into pictures and out of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "base/large_pages.hpp"
#include "image/format.hpp"

namespace vaec::image {

// A picture with room for all its samples, which are 0.
[[nodiscard]] inline Image make_image(const Header& header) {
  Image image{static_cast<std::uint32_t>(header.width), static_cast<std::uint32_t>(header.height),
              header.channels};
  image.bit_depth = header.bit_depth;
  const std::size_t pixels = std::size_t{image.width} * image.height, alpha = header.has_alpha ? pixels : 0;
  if (image.bit_depth == 16) {
    base::resize_large(image.samples16, pixels * image.channels);
    base::resize_large(image.alpha16, alpha);
  } else {
    base::resize_large(image.samples, pixels * image.channels);
    base::resize_large(image.alpha, alpha);
  }
  return image;
}

// The samples of a picture's bit depth: `Sample` is std::uint8_t or std::uint16_t.
template <typename Sample, typename ImageType>
[[nodiscard]] auto& samples_of(ImageType& image) {
  if constexpr (std::is_same_v<Sample, std::uint16_t>)
    return image.samples16;
  else
    return image.samples;
}
template <typename Sample, typename ImageType>
[[nodiscard]] auto& alpha_of(ImageType& image) {
  if constexpr (std::is_same_v<Sample, std::uint16_t>)
    return image.alpha16;
  else
    return image.alpha;
}

// From `row`, which has the colours of each pixel and then its alpha, if the picture has that.
template <typename Sample>
void put_row(Image& image, std::size_t y, const Sample* row) {
  auto* colour = samples_of<Sample>(image).data() + y * image.width * image.channels;
  if (!image.has_alpha()) {
    std::copy_n(row, std::size_t{image.width} * image.channels, colour);
    return;
  }
  auto* alpha = alpha_of<Sample>(image).data() + y * image.width;
  for (std::size_t x = 0; x < image.width; ++x) {
    for (std::uint32_t c = 0; c < image.channels; ++c) *colour++ = *row++;
    *alpha++ = *row++;
  }
}

// The other way, into `row`.
template <typename Sample>
void get_row(const Image& image, std::size_t y, Sample* row) {
  const auto* colour = samples_of<Sample>(image).data() + y * image.width * image.channels;
  if (!image.has_alpha()) {
    std::copy_n(colour, std::size_t{image.width} * image.channels, row);
    return;
  }
  const auto* alpha = alpha_of<Sample>(image).data() + y * image.width;
  for (std::size_t x = 0; x < image.width; ++x) {
    for (std::uint32_t c = 0; c < image.channels; ++c) *row++ = *colour++;
    *row++ = *alpha++;
  }
}

}  // namespace vaec::image
