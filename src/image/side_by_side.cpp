#include "image/side_by_side.hpp"

#include <algorithm>

namespace vaec::image {
namespace {

// Copies `from` into `to`, its top left corner at column `left`; grey becomes R = G = B where `to` is RGB.
void paste(const Image& from, std::uint32_t left, Image& to) {
  for (std::size_t y = 0; y < from.height; ++y) {
    for (std::size_t x = 0; x < from.width; ++x) {
      for (std::size_t c = 0; c < to.channels; ++c) {
        const std::size_t source = (y * from.width + x) * from.channels + (from.channels == 1 ? 0 : c);
        to.samples[(y * to.width + left + x) * to.channels + c] = from.samples[source];
      }
    }
  }
}

}  // namespace

Image side_by_side(std::span<const Image> pictures, std::uint32_t gap) {
  Image row;
  row.width = gap * static_cast<std::uint32_t>(pictures.size() - 1);
  for (const Image& picture : pictures) {
    row.width += picture.width;
    row.height = std::max(row.height, picture.height);
    row.channels = std::max(row.channels, picture.channels);
  }
  constexpr std::uint8_t kWhite = 255;
  row.samples.assign(std::size_t{row.width} * row.height * row.channels, kWhite);
  std::uint32_t left = 0;
  for (const Image& picture : pictures) {
    paste(picture, left, row);
    left += picture.width + gap;
  }
  return row;
}

}  // namespace vaec::image
