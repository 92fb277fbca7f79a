// Pictures with missing pixels or noise made good, by what a model knows of pictures. A file for each architecture:
// restore_photo.cpp, restore_mnist.cpp.
#pragma once

#include <memory>

#include "codec/parts.hpp"
#include "nn/torch.hpp"

namespace vaec::codec {

// Throws Error kModel for an architecture that it does not know.
[[nodiscard]] std::unique_ptr<Restorer> make_restorer(const model::SafeTensors& file);

// Throws Error: kUsage (a damage that does not go with the picture, or is none), kUnreadable (no pixel is known).
void check_damage(const ImageView& image, const Damage& damage);

// float32 [1, 1, height, width]: 1 where a pixel is missing, else 0.
[[nodiscard]] torch::Tensor missing_pixels(const ImageView& image, const Damage& damage);

// A copy of the picture's colours, with samples of `restored` (float32 [1, 1 or 3, height, width] in 0..1) where pixels
// are missing, or everywhere if there is noise. A grey picture gets the channels' mean.
[[nodiscard]] Image with_restored(const ImageView& image, const Damage& damage,
                                  const torch::Tensor& restored);

}  // namespace vaec::codec
