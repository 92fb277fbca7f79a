// The portable anymaps PPM and PGM (http://netpbm.sourceforge.net/doc/ppm.html).
#pragma once

#include <cstddef>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::base {

// P5 for grey, P6 for RGB, of 8 or 16 bits; without the alpha, which they cannot hold.
[[nodiscard]] std::vector<std::byte> encode_pnm(const Image& image);

}  // namespace vaec::base
