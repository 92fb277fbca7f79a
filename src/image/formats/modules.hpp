// What each module of picture formats gives: formats whose libraries are loaded together. Those of libheif and
// libjxl are a format each.
#pragma once

#include "image/formats/formats.hpp"
#include "image/parts.hpp"

namespace vaec::image {

// PNG, JPEG, WebP, TIFF, JPEG 2000, PNM and GIF; EXIF, XMP and profiles.
struct LibraryModule {
  const Format* (*format_of)(FileFormat) = nullptr;  // null for one that is not among them
  const MetadataTools* metadata = nullptr;
};
[[nodiscard]] const LibraryModule& library_module();

// BMP, and what else OpenCV does.
struct OpenCvModule {
  const Format* (*format_of)(FileFormat) = nullptr;
  const OpenCvTools* tools = nullptr;
};
[[nodiscard]] const OpenCvModule& opencv_module();

}  // namespace vaec::image
