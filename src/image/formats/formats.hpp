// The formats, a file each. Those of libheif and libjxl are there only where these were when vaec was built.
#pragma once

#include "image/format.hpp"

namespace vaec::image {

[[nodiscard]] const Format& png_format();
[[nodiscard]] const Format& jpeg_format();
[[nodiscard]] const Format& webp_format();
[[nodiscard]] const Format& tiff_format();
[[nodiscard]] const Format& jpeg2000_format();
[[nodiscard]] const Format& gif_format();  // giflib
[[nodiscard]] const Format& bmp_format();  // OpenCV
[[nodiscard]] const Format& pnm_format();
[[nodiscard]] const Format& heif_format();  // libheif: HEIC, AVIF
[[nodiscard]] const Format& jxl_format();   // libjxl

}  // namespace vaec::image
