// Pixels -> picture files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "image/format.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

enum class OutputFormat { kPng, kJpeg, kWebp, kTiff, kPnm, kBmp };

// By a name as users type it: png, jpg, jpeg, webp, tiff, tif, ppm, pgm,
// pnm, bmp, in any case. Nothing for another one.
[[nodiscard]] std::optional<OutputFormat> format_named(const std::string& name);
// By a file's extension. Throws Error kUsage for one that is none of these.
[[nodiscard]] OutputFormat format_of(const std::filesystem::path& file);

// A whole file. Every format but JPEG is lossless, if it can hold what the picture has: PNG and TIFF all;
// WebP all but 16 bits and grey (which it holds as RGB); JPEG metadata only; PNM 16 bits only; BMP the
// resolution only.
// The rest is left out and told in `losses`. Throws Error: kLimit (a size that the format cannot hold),
// kWrite.
[[nodiscard]] std::vector<std::byte> encode_image(const Image& image, OutputFormat format,
                                                  const WriteOptions& options = {}, Losses* losses = nullptr);

// An upper bound of the bytes that encode_image() takes beside the picture, the file that it gives counted
// in.
[[nodiscard]] std::uint64_t memory_to_encode(std::uint32_t width, std::uint32_t height,
                                             std::uint32_t channels, bool has_alpha, std::uint32_t bit_depth,
                                             OutputFormat format);

}  // namespace vaec::image
