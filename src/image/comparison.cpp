#include "image/comparison.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "image/parts.hpp"
#include "image/reduce.hpp"
#include "image/side_by_side.hpp"

namespace vaec::image {
namespace {

// Two pictures of one width, one above the other.
Image stacked(Image above, const Image& below) {
  above.samples.insert(above.samples.end(), below.samples.begin(), below.samples.end());
  above.height += below.height;
  return above;
}

// White at the right, up to `width`.
Image widened(const Image& image, std::uint32_t width) {
  Image result{width, image.height, image.channels, {}};
  result.samples.assign(std::size_t{width} * image.height * image.channels, 255);
  for (std::size_t y = 0; y < image.height; ++y) {
    std::memcpy(result.samples.data() + y * width * image.channels,
                image.samples.data() + y * image.width * image.channels,
                std::size_t{image.width} * image.channels);
  }
  return result;
}

}  // namespace

Image comparison(std::span<const ComparedImage> images, const Rectangle& detail) {
  std::vector<Image> columns;
  for (const ComparedImage& compared : images) {
    const Image picture = with_channels(compared.image, 3), close = enlarged(picture, detail);
    const std::uint32_t width = std::max(picture.width, close.width);
    Image column = stacked(opencv_tools().caption_bar(compared.caption, width), widened(picture, width));
    constexpr std::uint32_t kGap = 8;
    column = stacked(std::move(column),
                     {width, kGap, 3, std::vector<std::uint8_t>(std::size_t{width} * kGap * 3, 255)});
    columns.push_back(stacked(std::move(column), widened(close, width)));
  }
  return side_by_side(columns);
}

}  // namespace vaec::image
