// The pixels of a picture as a tensor.
#pragma once

#include "nn/torch.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// A rectangle of the padded picture, float32 [1, 3, height, width] in 0..1, channels-last; beyond the
// picture's edge its last row and column go on. Grey goes to all three channels.
[[nodiscard]] torch::Tensor pixels(const ImageView& image, std::int64_t top, std::int64_t left,
                                   std::int64_t height, std::int64_t width);

}  // namespace vaec::codec
