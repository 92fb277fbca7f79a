// YCbCr in TIFF that is not JPEG's, mostly of fewer colours than brightnesses: libtiff makes RGB of it.
#pragma once

#include <cstdint>

#include "image/formats/tiff_file.hpp"
#include "image/formats/tiff_layout.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

// Of the current directory, into `image`. No strip or tile may have more bytes than `largest`.
void read_tiff_ycbcr(TIFF* tiff, const TiffLayout& layout, std::uint64_t largest, TiffDamage& damage,
                     Image& image);

}  // namespace vaec::image
