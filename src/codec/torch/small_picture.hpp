// The pictures of the `mnist` models: 8 bits, all of one size; grey, or RGB.
#pragma once

#include <cstdint>
#include <string>

#include "nn/gaussian_vae.hpp"
#include "nn/torch.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// As the network takes it: float32 [1, colours, rows, columns] in 0..1. A model of colours takes grey pictures, too. Throws
// Error: kUsage (a view whose members do not agree), kUnreadable (another kind of picture, or size).
[[nodiscard]] torch::Tensor small_picture(const ImageView& image, const nn::GaussianVaeConfig& config);

// What decode() gives for z, as samples: uint8 [N, rows, columns, channels]. `channels`: 1 or those of the model; of a model
// of colours the mean of the three is grey.
[[nodiscard]] torch::Tensor samples_of(const torch::Tensor& logits, std::uint32_t channels);

// "28x28 grey"
[[nodiscard]] std::string size_text(std::uint32_t width, std::uint32_t height, std::uint32_t channels);

}  // namespace vaec::codec
