// Picture files -> pixels, through OpenCV, libjpeg and libpng.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "vaec/image.hpp"
#include "vaec/options.hpp"

namespace vaec::image {

struct Reading {
  Image image;                 // upright: the EXIF orientation is applied
  bool lost_icc = false;       // the file has a colour profile that cannot be read
  bool lost_metadata = false;  // the same of EXIF and XMP
};

enum class Keep { kMetadata, kPixels };

// A whole file of a format that Probe knows; its extension does not count. Grey stays grey, 16 bits stay
// 16; fewer than 8 become 8; palettes become RGB; transparent colours become alpha.
// Throws Error, each message beginning with `name`: kUnreadable (damaged, truncated, no image; or one that
// this version cannot code: several frames, CMYK, floating point), kLimit (where the header says the size,
// before any pixel is decoded).
[[nodiscard]] Reading read_image(std::span<const std::byte> file, const std::string& name,
                                 const Limits& limits = {}, Keep keep = Keep::kMetadata);

// For training: the same, but always RGB of 8 bits; alpha is dropped.
[[nodiscard]] Image read_rgb(std::span<const std::byte> file, const std::string& name,
                             const Limits& limits = {});

}  // namespace vaec::image
