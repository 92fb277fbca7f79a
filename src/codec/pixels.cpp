#include "codec/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "infer/clones.hpp"

namespace vaec::codec {
namespace {

// Code values of 8 bits a step of Sample is worth.
template <typename Sample>
constexpr float kStep = 255.0F / static_cast<float>(std::numeric_limits<Sample>::max());

// NaN becomes 0: the order of max's arguments matters.
VAEC_CLONES void round_samples(const float* from, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint8_t>(
        static_cast<int>(std::nearbyint(std::min(std::max(0.0F, from[i]), 255.0F))));
  }
}

VAEC_CLONES void round_samples(const float* from, std::size_t count, std::uint16_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint16_t>(
        static_cast<int>(std::nearbyint(std::min(std::max(0.0F, from[i] * 257.0F), 65535.0F))));
  }
}

template <typename Sample>
void read_row(const Image& image, const std::vector<Sample>& samples, int row, int width, float* rgb) {
  const auto own = std::min(image.width, static_cast<std::uint32_t>(width));
  const auto line = std::size_t{image.width} * image.channels;
  const auto* from =
      samples.data() + std::min<std::size_t>(static_cast<std::size_t>(row), image.height - 1) * line;
  if (image.channels == 3) {
    for (std::size_t i = 0; i < std::size_t{own} * 3; ++i) rgb[i] = from[i] * kStep<Sample>;
  } else {
    for (std::size_t i = 0; i < own; ++i)
      rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = from[i] * kStep<Sample>;
  }
  for (std::size_t i = std::size_t{own} * 3; i < static_cast<std::size_t>(width) * 3; ++i)
    rgb[i] = rgb[i - 3];
}

template <typename Sample>
void put_row(const Image& image, std::vector<Sample>& samples, int row, std::span<const float> rgb) {
  if (row >= static_cast<int>(image.height)) return;
  auto* to = samples.data() + static_cast<std::size_t>(row) * image.width * image.channels;
  if (image.channels == 3) {
    round_samples(rgb.data(), std::size_t{image.width} * 3, to);
    return;
  }
  std::vector<Sample> line(std::size_t{image.width} * 3);
  round_samples(rgb.data(), line.size(), line.data());
  for (std::size_t i = 0; i < image.width; ++i) {
    to[i] = static_cast<Sample>((line[3 * i] + line[3 * i + 1] + line[3 * i + 2] + 1) / 3);
  }
}

}  // namespace

void read_row(const Image& image, int row, int width, float* rgb) {
  if (image.bit_depth == 16) {
    read_row(image, image.samples16, row, width, rgb);
  } else {
    read_row(image, image.samples, row, width, rgb);
  }
}

void put_row(Image& image, int row, std::span<const float> rgb) {
  if (image.bit_depth == 16) {
    put_row(image, image.samples16, row, rgb);
  } else {
    put_row(image, image.samples, row, rgb);
  }
}

}  // namespace vaec::codec
