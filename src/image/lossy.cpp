#include "image/lossy.hpp"

#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sstream>
#include <utility>

#include "image/opencv_encode.hpp"
#include "image/read.hpp"
#include "image/reduce.hpp"

namespace vaec::image {
namespace {

OpenCvEncoder encoder_for(LossyFormat format, int quality) {
  switch (format) {
    case LossyFormat::kJpeg:
      return {
          ".jpg",
          kLargestJpegSide,
          {cv::IMWRITE_JPEG_QUALITY, quality, cv::IMWRITE_JPEG_OPTIMIZE, 1, cv::IMWRITE_JPEG_PROGRESSIVE, 1}};
    case LossyFormat::kWebp:
      return {".webp", kLargestWebpSide, {cv::IMWRITE_WEBP_QUALITY, quality}};
    case LossyFormat::kJpeg2000:
      break;
  }
  return {".jp2", kAnySide, {cv::IMWRITE_JPEG2000_COMPRESSION_X1000, quality}};
}

// How OpenCV's build information calls the library.
const char* build_information_key(LossyFormat format) {
  switch (format) {
    case LossyFormat::kJpeg:
      return "JPEG:";
    case LossyFormat::kWebp:
      return "WEBP:";
    case LossyFormat::kJpeg2000:
      break;
  }
  return "JPEG 2000:";
}

}  // namespace

std::vector<std::byte> encode_lossy(const Image& image, LossyFormat format, int quality) {
  return opencv_encode(image, encoder_for(format, quality));
}

Image decode_lossy(std::span<const std::byte> file, std::uint32_t channels) {
  constexpr Limits kNoLimits = {0xffffffff, ~std::uint64_t{0}};  // it was made here
  Image image = read_image(file, "the encoded picture", kNoLimits, Keep::kPixels).image;
  return with_channels(with_8_bits(flattened(std::move(image))), channels);
}

std::string lossy_call(LossyFormat format) {
  switch (format) {
    case LossyFormat::kJpeg:
      return "cv::imencode(\".jpg\", IMWRITE_JPEG_QUALITY <q>, IMWRITE_JPEG_OPTIMIZE 1, "
             "IMWRITE_JPEG_PROGRESSIVE 1)";
    case LossyFormat::kWebp:
      return "cv::imencode(\".webp\", IMWRITE_WEBP_QUALITY <q>)";
    case LossyFormat::kJpeg2000:
      break;
  }
  return "cv::imencode(\".jp2\", IMWRITE_JPEG2000_COMPRESSION_X1000 <q>)";
}

std::string lossy_version(LossyFormat format) {
  std::istringstream lines(cv::getBuildInformation());
  const std::string key = build_information_key(format);
  std::string version = std::string("OpenCV ") + cv::getVersionString();
  for (std::string line; std::getline(lines, line);) {
    const std::size_t found = line.find(key);
    if (found == std::string::npos || line.find_first_not_of(' ') != found) continue;
    const std::size_t value = line.find_first_not_of(' ', found + key.size());
    if (value != std::string::npos)
      version += ", " + line.substr(found, key.size()) + " " + line.substr(value);
    break;
  }
  return version;
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
