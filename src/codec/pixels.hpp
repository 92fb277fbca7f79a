// Between the samples of an Image and the rows of the transforms.
#pragma once

#include <span>

#include "vaec/image.hpp"

namespace vaec::codec {

// A row of the padded picture, `width` RGB pixels with samples 0..255 (of 16 bits: with fractions); beyond
// the picture's edge its last row and column go on. Grey goes to all three channels.
void read_row(const Image& image, int row, int width, float* rgb);

// Rounds a row of reconstructed RGB pixels (any floats, in units of 8 bits) into the picture; what lies
// beyond its edge is dropped. A grey picture gets the channels' mean.
void put_row(Image& image, int row, std::span<const float> rgb);

}  // namespace vaec::codec
