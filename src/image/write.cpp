#include "image/write.hpp"

#include <map>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "base/picture_names.hpp"
#include "base/pnm.hpp"
#include "image/metadata.hpp"
#include "image/opencv_encode.hpp"
#include "image/png_grey_alpha.hpp"
#include "image/reduce.hpp"
#include "image/tiff_directory.hpp"
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

// What a format can hold besides 8-bit grey and RGB.
struct Holds {
  bool alpha, depth, metadata;
};

Holds what_holds(OutputFormat format) {
  switch (format) {
    case OutputFormat::kPng:
    case OutputFormat::kTiff:
      return {true, true, true};
    case OutputFormat::kWebp:
      return {true, false, true};
    case OutputFormat::kJpeg:
      return {false, false, true};
    case OutputFormat::kPnm:
      return {false, true, false};
    case OutputFormat::kBmp:
      break;
  }
  return {false, false, false};
}

std::vector<std::byte> encode_pixels(const Image& image, OutputFormat format, int jpeg_quality) {
  if (format == OutputFormat::kPnm) return base::encode_pnm(image);
  if (format == OutputFormat::kPng && image.channels == 1 && image.has_alpha()) {
    return encode_png_grey_alpha(image);
  }
  auto file = opencv_encode(image, encoder_for(format, jpeg_quality));
  constexpr std::uint16_t kUnassociatedAlpha = 2;
  if (format == OutputFormat::kTiff && image.has_alpha())  // OpenCV does not say what the fourth sample is
    file = with_tiff_entry(file, kTagExtraSamples, kUnassociatedAlpha);
  return file;
}

// How many times the samples of a picture are held while it becomes a file that is as large as they are.
// OpenCV is given a copy in its order, and its buffer doubles as it grows; libwebp has tables of all pixels.
const std::map<OutputFormat, std::uint64_t> kCopies = {{OutputFormat::kPng, 4},   {OutputFormat::kJpeg, 4},
                                                       {OutputFormat::kWebp, 14}, {OutputFormat::kTiff, 4},
                                                       {OutputFormat::kPnm, 1},   {OutputFormat::kBmp, 3}};

}  // namespace

std::optional<OutputFormat> format_named(const std::string& name) {
  static const std::map<std::string, OutputFormat> kNames = {
      {"png", OutputFormat::kPng},   {"jpg", OutputFormat::kJpeg},  {"jpeg", OutputFormat::kJpeg},
      {"webp", OutputFormat::kWebp}, {"tiff", OutputFormat::kTiff}, {"tif", OutputFormat::kTiff},
      {"ppm", OutputFormat::kPnm},   {"pgm", OutputFormat::kPnm},   {"bmp", OutputFormat::kBmp}};
  const auto found = kNames.find(base::lower_case(name));
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

std::vector<std::byte> encode_image(const Image& image, OutputFormat format, int jpeg_quality,
                                    Losses* losses) {
  const Holds holds = what_holds(format);
  const Losses lost{image.has_alpha() && !holds.alpha, image.bit_depth > 8 && !holds.depth, false};
  if (losses != nullptr) *losses = lost;
  std::vector<std::byte> file;
  if (lost.alpha || lost.depth) {
    Image simpler = lost.alpha ? flattened(image) : image;
    if (lost.depth) simpler = with_8_bits(std::move(simpler));
    file = encode_pixels(simpler, format, jpeg_quality);
  } else {
    file = encode_pixels(image, format, jpeg_quality);
  }
  if (image.metadata.empty()) return file;
  bool kept = holds.metadata;
  if (kept) {
    try {
      file = with_metadata(file, image.metadata);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kWrite) throw;
      kept = false;  // it is damaged: the picture counts for more
    }
  }
  if (losses != nullptr) losses->metadata = !kept;
  return file;
}

std::uint64_t memory_to_encode(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                               bool has_alpha, std::uint32_t bit_depth, OutputFormat format) {
  const Holds holds = what_holds(format);
  const bool loses_alpha = has_alpha && !holds.alpha, loses_depth = bit_depth > 8 && !holds.depth;
  const std::uint64_t pixels = std::uint64_t{width} * height, bytes = bit_depth / 8,
                      picture = pixels * (channels + (has_alpha ? 1 : 0)) * bytes;
  // A copy, that of 8 bits beside that of 16.
  const std::uint64_t simpler = loses_depth ? picture + picture / 2 : loses_alpha ? picture : 0;
  const bool keeps_alpha = has_alpha && holds.alpha;
  const std::uint64_t kept_channels = keeps_alpha                     ? 4
                                      : format == OutputFormat::kWebp ? 3
                                                                      : channels,
                      kept = pixels * kept_channels * (loses_depth ? 1 : bytes);
  return simpler + kCopies.at(format) * kept;
}

}  // namespace vaec::image
