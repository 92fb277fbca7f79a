#include "codec/pixels.hpp"

#include <algorithm>
#include <cmath>

#include "infer/clones.hpp"

namespace vaec::codec {
namespace {

VAEC_CLONES void round_samples(const float* from, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint8_t>(
        static_cast<int>(std::nearbyint(std::min(std::max(from[i], 0.0F), 255.0F))));
  }
}

}  // namespace

void read_row(const Image& image, int row, int width, float* rgb) {
  const auto own = std::min(image.width, static_cast<std::uint32_t>(width));
  const auto line = std::size_t{image.width} * image.channels;
  const auto* from =
      image.samples.data() + std::min<std::size_t>(static_cast<std::size_t>(row), image.height - 1) * line;
  if (image.channels == 3) {
    for (std::size_t i = 0; i < std::size_t{own} * 3; ++i) rgb[i] = from[i];
  } else {
    for (std::size_t i = 0; i < own; ++i) rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = from[i];
  }
  for (std::size_t i = std::size_t{own} * 3; i < static_cast<std::size_t>(width) * 3; ++i)
    rgb[i] = rgb[i - 3];
}

void put_row(Image& image, int row, std::span<const float> rgb) {
  if (row >= static_cast<int>(image.height)) return;
  auto* to = image.samples.data() + static_cast<std::size_t>(row) * image.width * image.channels;
  if (image.channels == 3) {
    round_samples(rgb.data(), std::size_t{image.width} * 3, to);
    return;
  }
  std::vector<std::uint8_t> line(std::size_t{image.width} * 3);
  round_samples(rgb.data(), line.size(), line.data());
  for (std::size_t i = 0; i < image.width; ++i) {
    to[i] = static_cast<std::uint8_t>((line[3 * i] + line[3 * i + 1] + line[3 * i + 2] + 1) / 3);
  }
}

}  // namespace vaec::codec
