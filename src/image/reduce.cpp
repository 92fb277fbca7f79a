#include "image/reduce.hpp"

#include <cstddef>
#include <limits>
#include <utility>

namespace vaec::image {
namespace {

std::vector<std::uint8_t> reduced(const std::vector<std::uint16_t>& deep) {
  std::vector<std::uint8_t> samples(deep.size());
  for (std::size_t i = 0; i < deep.size(); ++i)
    samples[i] = static_cast<std::uint8_t>((deep[i] + 128U) / 257U);
  return samples;
}

template <typename Sample>
void flatten(std::vector<Sample>& samples, const std::vector<Sample>& alpha, std::uint32_t channels) {
  constexpr std::uint64_t kLargest = std::numeric_limits<Sample>::max();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::uint64_t a = alpha[i / channels];
    samples[i] = static_cast<Sample>((samples[i] * a + kLargest * (kLargest - a) + kLargest / 2) / kLargest);
  }
}

}  // namespace

Image with_8_bits(Image image) {
  if (image.bit_depth == 8) return image;
  image.samples = reduced(std::exchange(image.samples16, {}));
  image.alpha = reduced(std::exchange(image.alpha16, {}));
  image.bit_depth = 8;
  return image;
}

Image flattened(Image image) {
  if (!image.alpha.empty()) flatten(image.samples, image.alpha, image.channels);
  if (!image.alpha16.empty()) flatten(image.samples16, image.alpha16, image.channels);
  image.alpha.clear();
  image.alpha16.clear();
  return image;
}

Image with_channels(Image image, std::uint32_t channels) {
  if (image.channels == channels) return image;
  Image result{image.width, image.height, channels, {}};
  const std::size_t pixels = std::size_t{image.width} * image.height;
  result.samples.resize(pixels * channels);
  for (std::size_t i = 0; i < pixels; ++i) {
    if (channels == 3) {
      for (std::size_t c = 0; c < 3; ++c) result.samples[3 * i + c] = image.samples[i];
    } else {
      const std::uint8_t* rgb = &image.samples[3 * i];
      result.samples[i] =
          static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
    }
  }
  return result;
}

}  // namespace vaec::image
