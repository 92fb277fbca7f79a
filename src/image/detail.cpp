#include "image/detail.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vaec::image {
namespace {

double variance(const Image& image, const Rectangle& part) {
  std::uint64_t sum = 0, squares = 0;
  for (std::size_t y = part.y; y < part.y + part.height; ++y) {
    const std::uint8_t* row = image.samples.data() + (y * image.width + part.x) * image.channels;
    for (std::size_t i = 0; i < std::size_t{part.width} * image.channels; ++i) {
      sum += row[i];
      squares += std::uint64_t{row[i]} * row[i];
    }
  }
  const double count = static_cast<double>(part.width) * part.height * image.channels;
  const double mean = static_cast<double>(sum) / count;
  return static_cast<double>(squares) / count - mean * mean;
}

}  // namespace

Rectangle detail_at(const Image& image, std::uint32_t x, std::uint32_t y) {
  const std::uint32_t width = std::max(1U, image.width / kDetailZoom);
  const std::uint32_t height = std::max(1U, image.height / kDetailZoom);
  return {std::min(x, image.width - width), std::min(y, image.height - height), width, height};
}

Rectangle busiest_detail(const Image& image) {
  Rectangle best = detail_at(image, 0, 0);
  double largest = -1;
  const std::uint32_t step_x = std::max(1U, best.width / 8), step_y = std::max(1U, best.height / 8);
  for (std::uint32_t y = 0; y + best.height <= image.height; y += step_y) {
    for (std::uint32_t x = 0; x + best.width <= image.width; x += step_x) {
      const Rectangle part = detail_at(image, x, y);
      const double found = variance(image, part);
      if (found > largest) {
        largest = found;
        best = part;
      }
    }
  }
  return best;
}

Image enlarged(const Image& image, const Rectangle& part, std::uint32_t zoom) {
  Image result{part.width * zoom, part.height * zoom, image.channels, {}};
  result.samples.reserve(std::size_t{result.width} * result.height * result.channels);
  for (std::size_t y = 0; y < result.height; ++y) {
    for (std::size_t x = 0; x < result.width; ++x) {
      const std::size_t source = (part.y + y / zoom) * image.width + part.x + x / zoom;
      for (std::size_t c = 0; c < image.channels; ++c)
        result.samples.push_back(image.samples[source * image.channels + c]);
    }
  }
  return result;
}

}  // namespace vaec::image
