// Between the pixels of an Image and the tensors of the transforms.
#pragma once

#include <torch/torch.h>

#include "vaec/image.hpp"

namespace vaec::codec {

// A rectangle of the padded picture, float32 [1, 3, height, width] in 0..1, channels-last; beyond the
// picture's edge its last row and column go on. Grey goes to all three channels.
[[nodiscard]] torch::Tensor pixels(const Image& image, std::int64_t top, std::int64_t left,
                                   std::int64_t height, std::int64_t width);

// Puts a rectangle of reconstructed pixels, uint8 [height, width, 3], into the picture at (top, left); what
// lies beyond the picture's edge is dropped. A grey picture gets the channels' mean.
void put_pixels(Image& image, const torch::Tensor& bytes, std::int64_t top, std::int64_t left);

}  // namespace vaec::codec
