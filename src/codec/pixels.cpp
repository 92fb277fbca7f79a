#include "codec/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/clones.hpp"
#include "base/large_pages.hpp"
#include "model/synthesis_layers.hpp"

namespace vaec::codec {
namespace {

using model::kPixelUnit;

// Code values of 8 bits a step of Sample is worth.
template <typename Sample>
constexpr float kStep = 255.0F / static_cast<float>(std::numeric_limits<Sample>::max());

// To nearest, halves up.
VAEC_CLONES void round_samples(const std::int16_t* from, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint8_t>(std::min(std::max((from[i] + kPixelUnit / 2) / kPixelUnit, 0), 255));
  }
}

VAEC_CLONES void round_samples(const std::int16_t* from, std::size_t count, std::uint16_t* to) {
  constexpr int kDeeper = 65535 / 255;
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint16_t>(
        std::min(std::max((from[i] * kDeeper + kPixelUnit / 2) / kPixelUnit, 0), 65535));
  }
}

template <typename Sample>
void read_samples(const ImageView& image, int row, int width, float* rgb) {
  const auto own = std::min(image.width, static_cast<std::uint32_t>(width));
  const auto* from =
      row_of<Sample>(image.colour, std::min(static_cast<std::size_t>(row), std::size_t{image.height} - 1));
  const std::size_t step = image.colour.step;
  if (image.channels == 3 && step == 3) {
    for (std::size_t i = 0; i < std::size_t{own} * 3; ++i) rgb[i] = from[i] * kStep<Sample>;
  } else {
    const std::size_t green = image.channels == 3 ? 1 : 0, blue = image.channels == 3 ? 2 : 0;
    for (std::size_t i = 0; i < own; ++i, from += step) {
      rgb[3 * i] = from[0] * kStep<Sample>;
      rgb[3 * i + 1] = from[green] * kStep<Sample>;
      rgb[3 * i + 2] = from[blue] * kStep<Sample>;
    }
  }
  for (std::size_t i = std::size_t{own} * 3; i < static_cast<std::size_t>(width) * 3; ++i)
    rgb[i] = rgb[i - 3];
}

template <typename Sample>
void put_samples(const ImageBuffer& image, int row, std::span<const std::int16_t> rgb) {
  if (row >= static_cast<int>(image.height)) return;
  auto* to = row_of<Sample>(image.colour, static_cast<std::size_t>(row));
  const std::size_t step = image.colour.step;
  if (image.channels == 3 && step == 3) {
    round_samples(rgb.data(), std::size_t{image.width} * 3, to);
    return;
  }
  std::vector<Sample> line(std::size_t{image.width} * 3);
  round_samples(rgb.data(), line.size(), line.data());
  for (std::size_t i = 0; i < image.width; ++i, to += step) {
    if (image.channels == 3) {
      std::copy_n(&line[3 * i], 3, to);
    } else {
      *to = static_cast<Sample>((line[3 * i] + line[3 * i + 1] + line[3 * i + 2] + 1) / 3);
    }
  }
}

template <typename Sample>
void fill(const ImageBuffer& image) {
  for (std::size_t y = 0; y < image.height; ++y) {
    auto* to = row_of<Sample>(image.alpha, y);
    for (std::size_t x = 0; x < image.width; ++x)
      to[x * image.alpha.step] = std::numeric_limits<Sample>::max();
  }
}

}  // namespace

Image make_image(Size size, std::uint32_t channels, std::uint32_t bit_depth, bool has_alpha) {
  Image image{size.width, size.height, channels};
  image.bit_depth = bit_depth;
  const auto pixels = std::size_t{size.width} * size.height;
  if (bit_depth == 16) {
    base::resize_large(image.samples16, pixels * channels);
    base::resize_large(image.alpha16, has_alpha ? pixels : 0);
  } else {
    base::resize_large(image.samples, pixels * channels);
    base::resize_large(image.alpha, has_alpha ? pixels : 0);
  }
  return image;
}

ImageBuffer buffer_of(Image& image) {
  ImageBuffer buffer = image.bit_depth == 16
                           ? ImageBuffer(image.samples16.data(), image.width, image.height, image.channels)
                           : ImageBuffer(image.samples.data(), image.width, image.height, image.channels);
  if (image.has_alpha()) {
    buffer.alpha = {image.bit_depth == 16 ? static_cast<void*>(image.alpha16.data()) : image.alpha.data(),
                    static_cast<std::ptrdiff_t>(image.width) * image.bit_depth / 8, 1};
  }
  return buffer;
}

void read_row(const ImageView& image, int row, int width, float* rgb) {
  if (image.bit_depth == 16) {
    read_samples<std::uint16_t>(image, row, width, rgb);
  } else {
    read_samples<std::uint8_t>(image, row, width, rgb);
  }
}

void put_row(const ImageBuffer& image, int row, std::span<const std::int16_t> rgb) {
  if (image.bit_depth == 16) {
    put_samples<std::uint16_t>(image, row, rgb);
  } else {
    put_samples<std::uint8_t>(image, row, rgb);
  }
}

void fill_alpha(const ImageBuffer& image) {
  if (image.bit_depth == 16) {
    fill<std::uint16_t>(image);
  } else {
    fill<std::uint8_t>(image);
  }
}

}  // namespace vaec::codec
