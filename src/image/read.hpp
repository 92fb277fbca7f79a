// Picture files -> pixels, through OpenCV.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "vaec/codec.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

struct Reading {
  Image image;                 // upright: the EXIF orientation is applied
  bool lost_icc = false;       // the file has a colour profile, which Image cannot hold
  bool lost_metadata = false;  // the file has EXIF or XMP, which Image cannot hold
};

// A whole file of any format that OpenCV reads; its extension does not count. Grey stays grey.
// Throws Error, each message beginning with `name`: kUnreadable (damaged, truncated, no image; or one that
// this version cannot code without loss: alpha, more than 8 bits, several frames, CMYK), kLimit (where the
// header says the size, before any pixel is decoded).
[[nodiscard]] Reading read_image(std::span<const std::byte> file, const std::string& name,
                                 const Limits& limits = {});

// For training: the same, but always RGB, and alpha or more than 8 bits are simply dropped.
[[nodiscard]] Image read_rgb(std::span<const std::byte> file, const std::string& name,
                             const Limits& limits = {});

}  // namespace vaec::image
