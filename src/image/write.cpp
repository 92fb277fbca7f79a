#include "image/write.hpp"

#include <map>
#include <utility>

#include "base/picture_names.hpp"
#include "base/pnm.hpp"
#include "image/parts.hpp"
#include "image/reduce.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// What a format can hold besides 8-bit RGB.
struct Holds {
  bool grey, alpha, depth;
  bool metadata;  // some of it: its writer tells what not
};

Holds what_holds(OutputFormat format) {
  switch (format) {
    case OutputFormat::kPng:
    case OutputFormat::kTiff:
      return {true, true, true, true};
    case OutputFormat::kWebp:
      return {false, true, false, true};
    case OutputFormat::kJpeg:
      return {true, false, false, true};
    case OutputFormat::kPnm:
      return {true, false, true, false};
    case OutputFormat::kBmp:
      break;
  }
  return {true, false, false, true};
}

FileFormat file_format(OutputFormat format) {
  switch (format) {
    case OutputFormat::kPng:
      return FileFormat::kPng;
    case OutputFormat::kTiff:
      return FileFormat::kTiff;
    case OutputFormat::kWebp:
      return FileFormat::kWebp;
    case OutputFormat::kJpeg:
      return FileFormat::kJpeg;
    case OutputFormat::kPnm:
      return FileFormat::kPnm;
    case OutputFormat::kBmp:
      break;
  }
  return FileFormat::kBmp;
}

std::vector<std::byte> encode(const Image& image, const Metadata& metadata, OutputFormat format,
                              const WriteOptions& options, Losses& losses) {
  if (format == OutputFormat::kPnm) return base::encode_pnm(image);  // no library is loaded for that
  return format_of(file_format(format))->write(image, metadata, options, losses);
}

// What of a picture's metadata its file will have, as it should be there.
Metadata kept_metadata(const Image& image, const Holds& holds, const WriteOptions& options, Losses& losses) {
  const Metadata& all = image.metadata;
  if (all.empty()) return {};
  if (holds.metadata)
    return metadata_tools().for_writing(image, holds.grey ? image.channels : 3, options, losses);
  losses.icc = !all.icc.empty();
  losses.exif = !all.exif.empty();
  losses.xmp = !all.xmp.empty();
  losses.resolution = !all.resolution.empty();
  return {};
}

// How many times the samples of a picture are held while it becomes a file that is as large as they are:
// libwebp has tables of all pixels, OpenCV is given a copy in its order.
const std::map<OutputFormat, std::uint64_t> kCopies = {{OutputFormat::kPng, 4},   {OutputFormat::kJpeg, 4},
                                                       {OutputFormat::kWebp, 14}, {OutputFormat::kTiff, 4},
                                                       {OutputFormat::kPnm, 1},   {OutputFormat::kBmp, 3}};

}  // namespace

std::optional<OutputFormat> format_named(const std::string& name) {
  static const std::map<std::string, OutputFormat> kNames = {
      {"png", OutputFormat::kPng},   {"jpg", OutputFormat::kJpeg},  {"jpeg", OutputFormat::kJpeg},
      {"webp", OutputFormat::kWebp}, {"tiff", OutputFormat::kTiff}, {"tif", OutputFormat::kTiff},
      {"ppm", OutputFormat::kPnm},   {"pgm", OutputFormat::kPnm},   {"pnm", OutputFormat::kPnm},
      {"bmp", OutputFormat::kBmp}};
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

std::vector<std::byte> encode_image(const Image& image, OutputFormat format, const WriteOptions& options,
                                    Losses* losses) {
  const Holds holds = what_holds(format);
  Losses lost;
  lost.alpha = image.has_alpha() && !holds.alpha;
  lost.depth = image.bit_depth > 8 && !holds.depth;
  const Metadata metadata = kept_metadata(image, holds, options, lost);
  std::vector<std::byte> file;
  if (lost.alpha || lost.depth) {
    Image simpler = lost.alpha ? flattened(image) : image;
    if (lost.depth) simpler = with_8_bits(std::move(simpler));
    file = encode(simpler, metadata, format, options, lost);
  } else {
    file = encode(image, metadata, format, options, lost);
  }
  if (losses != nullptr) *losses = lost;
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
  const std::uint64_t kept_channels = keeps_alpha  ? 4
                                      : holds.grey ? channels
                                                   : 3,
                      kept = pixels * kept_channels * (loses_depth ? 1 : bytes);
  return simpler + kCopies.at(format) * kept;
}

}  // namespace vaec::image
