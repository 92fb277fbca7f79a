#include "image/comparison.hpp"

#include <algorithm>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "image/lossy.hpp"
#include "image/side_by_side.hpp"

namespace vaec::image {
namespace {

// A white bar with black text that fits into it.
Image caption_bar(const std::string& text, std::uint32_t width) {
  constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
  constexpr std::uint32_t kLeastHeight = 16, kPartOfWidth = 24;
  const std::uint32_t height = std::max(kLeastHeight, width / kPartOfWidth);
  Image bar{width, height, 3, std::vector<std::uint8_t>(std::size_t{width} * height * 3, 255)};
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC3, bar.samples.data());
  int baseline = 0;
  const cv::Size natural = cv::getTextSize(text, kFont, 1, 1, &baseline);
  const double scale = std::min(0.92 * width / std::max(1, natural.width),
                                0.85 * height / std::max(1, natural.height + baseline));
  const int thickness = std::max(1, static_cast<int>(scale * 1.8));
  cv::putText(pixels, text, cv::Point(static_cast<int>(0.02 * width), static_cast<int>(0.75 * height)), kFont,
              scale, cv::Scalar::all(0), thickness, cv::LINE_AA);
  return bar;
}

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
    Image column = stacked(caption_bar(compared.caption, width), widened(picture, width));
    constexpr std::uint32_t kGap = 8;
    column = stacked(std::move(column),
                     {width, kGap, 3, std::vector<std::uint8_t>(std::size_t{width} * kGap * 3, 255)});
    columns.push_back(stacked(std::move(column), widened(close, width)));
  }
  return side_by_side(columns);
}

}  // namespace vaec::image
