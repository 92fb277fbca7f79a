// Peak signal-to-noise ratio.
#pragma once

#include "vaec/image.hpp"

namespace vaec::eval {

// In dB over all samples of both pictures, peak 255; infinity for equal pictures.
// Throws Error kInternal unless both have the same size and channels.
[[nodiscard]] double psnr(const Image& a, const Image& b);

}  // namespace vaec::eval
