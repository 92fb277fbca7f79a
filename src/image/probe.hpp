// What a picture's headers say, before any pixel is decoded. No OpenCV here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace vaec::image {

enum class FileFormat { kUnknown, kPng, kJpeg, kWebp, kBmp, kPnm, kTiff, kJpeg2000 };

// A BMP picture whose pixels are bit fields.
struct BmpBitFields {
  std::uint32_t width = 0, height = 0;
  bool top_row_first = false;
  std::uint32_t pixels_at = 0;              // offset in the file
  std::uint32_t bits = 0;                   // a pixel: 16 or 32
  std::array<std::uint32_t, 4> masks = {};  // red, green, blue, alpha; 0: none
};

struct Probe {
  FileFormat format = FileFormat::kUnknown;
  std::uint64_t width = 0, height = 0;  // as stored, before `orientation`; 0: not known
  int orientation = 1;                  // EXIF's: 1 upright ... 8
  bool has_alpha = false;               // an alpha channel or transparent colours
  bool has_icc = false;
  bool has_metadata = false;     // EXIF or XMP
  bool has_more_frames = false;  // an animation, or more pages
  bool is_cmyk = false;
  bool has_second_header = false;          // which says another size, perhaps
  bool is_deep = false;                    // may have 16 bits a sample
  bool is_text = false;                    // PNM
  std::uint32_t largest_sample = 0;        // PNM, JPEG 2000: what stands for white; 0: not known
  bool is_premultiplied = false;           // TIFF: OpenCV gives colours that are multiplied by alpha
  bool is_inverted = false;                // TIFF of 16 bits: 0 is white, and OpenCV leaves it so
  std::optional<BmpBitFields> bit_fields;  // BMP, if there are any
  std::string damage;                      // why the file is not whole, in words; empty if nothing is wrong
};

// PNG (every chunk's checksum), JPEG (up to the end marker), WebP, BMP, PNM, TIFF and JPEG 2000; of any other
// format only that. Throws nothing: damage, or what vaec cannot read, is told in the result.
[[nodiscard]] Probe probe(std::span<const std::byte> file);

}  // namespace vaec::image
