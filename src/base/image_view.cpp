#include "vaec/image_view.hpp"

#include <string>

#include "vaec/error.hpp"

namespace vaec {
namespace {

template <typename Sample, typename Pointer>
void describe(Sample* samples, std::uint32_t width, std::uint32_t height, std::uint32_t samples_per_pixel,
              std::ptrdiff_t stride, Samples<Pointer>& image) {
  if (samples_per_pixel < 1 || samples_per_pixel > 4) {
    throw Error(ErrorCode::kUsage,
                std::to_string(samples_per_pixel) + " samples a pixel, expected 1 (grey) to 4 (RGBA)");
  }
  image.width = width;
  image.height = height;
  image.channels = samples_per_pixel < 3 ? 1 : 3;
  image.bit_depth = 8 * sizeof(Sample);
  const auto row = static_cast<std::ptrdiff_t>(sizeof(Sample) * samples_per_pixel * width);
  image.colour = {samples, stride != 0 ? stride : row, samples_per_pixel};
  if (samples_per_pixel % 2 == 0) {
    image.alpha = {samples + image.channels, image.colour.stride, samples_per_pixel};
  }
}

template <typename Sample>
void describe(const Image& from, const std::vector<Sample>& colour, const std::vector<Sample>& alpha,
              ImageView& view) {
  const auto row = static_cast<std::ptrdiff_t>(sizeof(Sample) * from.width);
  view.colour = {colour.data(), row * from.channels, from.channels};
  if (!alpha.empty()) view.alpha = {alpha.data(), row, 1};
}

bool agrees(const Image& image) {
  const auto pixels = std::uint64_t{image.width} * image.height;
  const auto fits = [&](const auto& here, const auto& other, std::uint64_t count) {
    return here.size() == count && other.empty();
  };
  const auto alpha = image.has_alpha() ? pixels : 0;
  if (image.channels != 1 && image.channels != 3) return false;
  return image.bit_depth == 16 ? fits(image.samples16, image.samples, pixels * image.channels) &&
                                     fits(image.alpha16, image.alpha, alpha)
         : image.bit_depth == 8 ? fits(image.samples, image.samples16, pixels * image.channels) &&
                                      fits(image.alpha, image.alpha16, alpha)
                                : false;
}

}  // namespace

ImageView::ImageView(const Image& image)
    : metadata{image.metadata.icc, image.metadata.exif, image.metadata.xmp, image.metadata.resolution} {
  if (!agrees(image)) {
    throw Error(ErrorCode::kUsage,
                "an image needs 1 or 3 channels of 8 or 16 bits and as many samples as its size says");
  }
  width = image.width;
  height = image.height;
  channels = image.channels;
  bit_depth = image.bit_depth;
  if (bit_depth == 16) {
    describe(image, image.samples16, image.alpha16, *this);
  } else {
    describe(image, image.samples, image.alpha, *this);
  }
}

ImageView::ImageView(const std::uint8_t* samples, std::uint32_t w, std::uint32_t h,
                     std::uint32_t samples_per_pixel, std::ptrdiff_t stride) {
  describe(samples, w, h, samples_per_pixel, stride, *this);
}

ImageView::ImageView(const std::uint16_t* samples, std::uint32_t w, std::uint32_t h,
                     std::uint32_t samples_per_pixel, std::ptrdiff_t stride) {
  describe(samples, w, h, samples_per_pixel, stride, *this);
}

ImageBuffer::ImageBuffer(std::uint8_t* samples, std::uint32_t w, std::uint32_t h,
                         std::uint32_t samples_per_pixel, std::ptrdiff_t stride) {
  describe(samples, w, h, samples_per_pixel, stride, *this);
}

ImageBuffer::ImageBuffer(std::uint16_t* samples, std::uint32_t w, std::uint32_t h,
                         std::uint32_t samples_per_pixel, std::ptrdiff_t stride) {
  describe(samples, w, h, samples_per_pixel, stride, *this);
}

}  // namespace vaec
