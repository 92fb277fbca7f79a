#include "image/write.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <opencv2/imgcodecs.hpp>

#include "image/opencv_encode.hpp"
#include "image/pnm.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

OpenCvEncoder encoder_for(OutputFormat format, int jpeg_quality) {
  constexpr int kWebpLossless = 101;  // OpenCV: above 100
  switch (format) {
    case OutputFormat::kPng:
      return {".png", kAnySide, {}};
    case OutputFormat::kJpeg:
      return {".jpg", kLargestJpegSide, {cv::IMWRITE_JPEG_QUALITY, jpeg_quality}};
    case OutputFormat::kWebp:
      return {".webp", kLargestWebpSide, {cv::IMWRITE_WEBP_QUALITY, kWebpLossless}};
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
  return opencv_encode(image, encoder_for(format, jpeg_quality));
}

}  // namespace vaec::image
