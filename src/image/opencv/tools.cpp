#include "image/opencv/tools.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <string>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// Grey, BGR or BGRA: what OpenCV writes.
cv::Mat as_bgr(const Image& image) {
  const int rows = static_cast<int>(image.height), columns = static_cast<int>(image.width),
            channels = static_cast<int>(image.channels), depth = image.bit_depth == 16 ? CV_16U : CV_8U;
  const auto view = [&](const auto& shallow, const auto& deep, int count) {
    const void* samples =
        depth == CV_16U ? static_cast<const void*>(deep.data()) : static_cast<const void*>(shallow.data());
    return cv::Mat(rows, columns, CV_MAKETYPE(depth, count), const_cast<void*>(samples));
  };
  const cv::Mat rgb = view(image.samples, image.samples16, channels);
  if (!image.has_alpha()) {
    if (channels == 1) return rgb;
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    return bgr;
  }
  cv::Mat bgra;
  cv::cvtColor(rgb, bgra, channels == 1 ? cv::COLOR_GRAY2BGRA : cv::COLOR_RGB2BGRA);
  cv::insertChannel(view(image.alpha, image.alpha16, 1), bgra, 3);
  return bgra;
}

std::vector<std::byte> encode_lossy_file(const Image& image, LossyFormat format, int quality) {
  switch (format) {
    case LossyFormat::kJpeg:
      return opencv_encode(
          image, ".jpg",
          {cv::IMWRITE_JPEG_QUALITY, quality, cv::IMWRITE_JPEG_OPTIMIZE, 1, cv::IMWRITE_JPEG_PROGRESSIVE, 1});
    case LossyFormat::kWebp:
      return opencv_encode(image, ".webp", {cv::IMWRITE_WEBP_QUALITY, quality});
    case LossyFormat::kJpeg2000:
      break;
  }
  return opencv_encode(image, ".jp2", {cv::IMWRITE_JPEG2000_COMPRESSION_X1000, quality});
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

std::string version_for(LossyFormat format) {
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

}  // namespace

std::vector<std::byte> opencv_encode(const Image& image, const char* extension,
                                     const std::vector<int>& parameters) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  std::vector<unsigned char> encoded;
  try {
    if (!cv::imencode(extension, as_bgr(image), encoded, parameters)) encoded.clear();
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw Error(ErrorCode::kWrite, std::string(extension) + " file cannot be made: " + error.err);
  }
  if (encoded.empty()) throw Error(ErrorCode::kWrite, std::string(extension) + " file cannot be made");
  std::vector<std::byte> file(encoded.size());
  std::memcpy(file.data(), encoded.data(), encoded.size());
  return file;
}

const OpenCvTools& linked_opencv_tools() {
  static const OpenCvTools tools{encode_lossy_file, version_for, caption_bar};
  return tools;
}

}  // namespace vaec::image
