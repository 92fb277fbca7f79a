// What a picture's headers say, before any pixel is decoded. No OpenCV here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vaec::image {

enum class FileFormat { kUnknown, kPng, kJpeg, kWebp, kBmp, kPnm, kTiff };

struct Probe {
  FileFormat format = FileFormat::kUnknown;
  std::uint64_t width = 0, height = 0;  // as stored, before `orientation`; 0: not known
  int orientation = 1;                  // EXIF's: 1 upright ... 8
  bool has_alpha = false;               // an alpha channel or transparent colours
  bool has_icc = false;
  bool has_metadata = false;     // EXIF or XMP
  bool has_more_frames = false;  // an animation, or more pages
  bool is_cmyk = false;
  std::string damage;  // why the file is not whole, in words; empty if nothing is wrong
};

// PNG (every chunk's checksum), JPEG (up to the end marker), WebP, BMP, PNM and TIFF; of any other format
// only that. Throws nothing: damage is told in the result.
[[nodiscard]] Probe probe(std::span<const std::byte> file);

}  // namespace vaec::image
