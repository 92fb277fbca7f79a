// The pictures of the `mnist` models: grey, 8 bits, all of one size.
#pragma once

#include <cstdint>
#include <string>

#include "nn/gaussian_vae.hpp"
#include "nn/torch.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// As the network takes it: float32 [1, 1, rows, columns] in 0..1. Throws Error: kUsage (a view whose members do not
// agree), kUnreadable (another kind of picture, or size).
[[nodiscard]] torch::Tensor small_picture(const ImageView& image, const nn::GaussianVaeConfig& config);

// "28x28 grey"
[[nodiscard]] std::string size_text(std::uint32_t width, std::uint32_t height, std::uint32_t channels);

}  // namespace vaec::codec
