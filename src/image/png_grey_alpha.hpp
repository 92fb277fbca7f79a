// Grey pictures with alpha as PNG, which OpenCV writes as RGBA only: through libpng.
#pragma once

#include <cstddef>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

// `image` has one channel and alpha. Throws Error kWrite.
[[nodiscard]] std::vector<std::byte> encode_png_grey_alpha(const Image& image);

}  // namespace vaec::image
