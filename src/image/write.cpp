#include "image/write.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "image/pnm.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

struct Encoder {
  const char* extension;
  std::uint32_t largest_side;
  std::vector<int> parameters;
};

Encoder encoder_for(OutputFormat format, int jpeg_quality) {
  constexpr std::uint32_t kAnySide = 0x7fffffff;
  constexpr int kWebpLossless = 101;  // OpenCV: above 100
  switch (format) {
    case OutputFormat::kPng:
      return {".png", kAnySide, {}};
    case OutputFormat::kJpeg:
      return {".jpg", 65535, {cv::IMWRITE_JPEG_QUALITY, jpeg_quality}};
    case OutputFormat::kWebp:
      return {".webp", 16383, {cv::IMWRITE_WEBP_QUALITY, kWebpLossless}};
    case OutputFormat::kTiff:
      return {".tiff", kAnySide, {}};
    case OutputFormat::kBmp:
      return {".bmp", kAnySide, {}};
    case OutputFormat::kPnm:
      break;
  }
  throw Error(ErrorCode::kInternal, "encode_image: no OpenCV encoder for this format");
}

}  // namespace

std::optional<OutputFormat> format_named(const std::string& name) {
  static const std::map<std::string, OutputFormat> kNames = {
      {"png", OutputFormat::kPng},   {"jpg", OutputFormat::kJpeg},  {"jpeg", OutputFormat::kJpeg},
      {"webp", OutputFormat::kWebp}, {"tiff", OutputFormat::kTiff}, {"tif", OutputFormat::kTiff},
      {"ppm", OutputFormat::kPnm},   {"pgm", OutputFormat::kPnm},   {"bmp", OutputFormat::kBmp}};
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto found = kNames.find(lower);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

OutputFormat format_of(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  const auto format = extension.empty() ? std::nullopt : format_named(extension.substr(1));
  if (!format) {
    throw Error(ErrorCode::kUsage, file.string() + ": its name says no format that can be written " +
                                       "(png, jpg, webp, tiff, ppm, bmp)");
  }
  return *format;
}

std::vector<std::byte> encode_image(const Image& image, OutputFormat format, int jpeg_quality) {
  if (format == OutputFormat::kPnm) return encode_pnm(image);
  const Encoder encoder = encoder_for(format, jpeg_quality);
  if (std::max(image.width, image.height) > encoder.largest_side) {
    throw Error(ErrorCode::kLimit, std::to_string(image.width) + "x" + std::to_string(image.height) +
                                       " pixels do not fit into a " + encoder.extension + " file (at most " +
                                       std::to_string(encoder.largest_side) +
                                       " a side): choose another format");
  }
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  std::vector<unsigned char> encoded;
  try {
    const int type = image.channels == 1 ? CV_8UC1 : CV_8UC3;
    const cv::Mat rgb(static_cast<int>(image.height), static_cast<int>(image.width), type,
                      const_cast<std::uint8_t*>(image.samples.data()));
    cv::Mat bgr;  // never a view of `image`, which must not change
    if (image.channels == 3) cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    if (!cv::imencode(encoder.extension, image.channels == 3 ? bgr : rgb, encoded, encoder.parameters))
      encoded.clear();
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::kWrite, std::string(encoder.extension) + " file cannot be made: " + error.err);
  }
  if (encoded.empty())
    throw Error(ErrorCode::kWrite, std::string(encoder.extension) + " file cannot be made");
  std::vector<std::byte> file(encoded.size());
  std::memcpy(file.data(), encoded.data(), encoded.size());
  return file;
}

}  // namespace vaec::image
