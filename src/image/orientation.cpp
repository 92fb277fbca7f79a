#include "image/orientation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace vaec::image {
namespace {

// Where a pixel of the upright picture is found in the stored one: at index origin + x * right + y * down.
struct Walk {
  std::ptrdiff_t origin, right, down;
};

Walk walk_for(int orientation, std::ptrdiff_t width, std::ptrdiff_t height) {
  const std::ptrdiff_t last_column = width - 1, last_row = (height - 1) * width;
  switch (orientation) {
    case 2:
      return {last_column, -1, width};
    case 3:
      return {last_row + last_column, -1, -width};
    case 4:
      return {last_row, 1, -width};
    case 5:
      return {0, width, 1};
    case 6:
      return {last_row, -width, 1};
    case 7:
      return {last_row + last_column, -width, -1};
    case 8:
      return {last_column, width, -1};
    default:
      return {0, 1, width};
  }
}

// In squares, so that rows and columns both stay within the caches.
template <int kChannels, typename Sample>
void turn(std::vector<Sample>& samples, const Walk& walk, std::ptrdiff_t width, std::ptrdiff_t height) {
  constexpr std::ptrdiff_t kSquare = 32;
  std::vector<Sample> result(samples.size());
  for (std::ptrdiff_t top = 0; top < height; top += kSquare) {
    for (std::ptrdiff_t left = 0; left < width; left += kSquare) {
      const auto bottom = std::min(height, top + kSquare), end = std::min(width, left + kSquare);
      for (std::ptrdiff_t y = top; y < bottom; ++y) {
        for (std::ptrdiff_t x = left; x < end; ++x) {
          const Sample* from = samples.data() + kChannels * (walk.origin + x * walk.right + y * walk.down);
          std::copy_n(from, kChannels, result.data() + kChannels * (y * width + x));
        }
      }
    }
  }
  samples = std::move(result);
}

}  // namespace

Image upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const Walk walk = walk_for(orientation, image.width, image.height);
  if (is_turned(orientation)) {
    std::swap(image.width, image.height);
    std::swap(image.metadata.resolution.x, image.metadata.resolution.y);
  }
  const auto turn_all = [&](auto& colour, auto& alpha) {
    if (image.channels == 1) {
      turn<1>(colour, walk, image.width, image.height);
    } else {
      turn<3>(colour, walk, image.width, image.height);
    }
    if (!alpha.empty()) turn<1>(alpha, walk, image.width, image.height);
  };
  if (image.bit_depth == 16) {
    turn_all(image.samples16, image.alpha16);
  } else {
    turn_all(image.samples, image.alpha);
  }
  return image;
}

}  // namespace vaec::image
