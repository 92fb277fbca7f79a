// Peak signal-to-noise ratio.
#pragma once

#include "vaec/image.hpp"

namespace vaec::eval {

// In dB over all samples of both pictures but those that are fully transparent in `a`; the peak is the
// largest sample; infinity for equal pictures. Throws Error kInternal unless both have the same size,
// channels and depth.
[[nodiscard]] double psnr(const Image& a, const Image& b);

}  // namespace vaec::eval
