// Pixels -> picture files, through OpenCV.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

enum class OutputFormat { kPng, kJpeg, kWebp, kTiff, kPnm, kBmp };

inline constexpr int kDefaultJpegQuality = 95;

// By a name as users type it: png, jpg, jpeg, webp, tiff, tif, ppm, pgm, bmp, in any case. Nothing for
// another one.
[[nodiscard]] std::optional<OutputFormat> format_named(const std::string& name);
// By a file's extension. Throws Error kUsage for one that is none of these.
[[nodiscard]] OutputFormat format_of(const std::filesystem::path& file);

// A whole file. Every format but JPEG is lossless (WebP too). Throws Error: kLimit (a size that the format
// cannot hold), kWrite.
[[nodiscard]] std::vector<std::byte> encode_image(const Image& image, OutputFormat format,
                                                  int jpeg_quality = kDefaultJpegQuality);

}  // namespace vaec::image
