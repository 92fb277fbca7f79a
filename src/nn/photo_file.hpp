// A `photo` model as a .safetensors file, in training: infer/photo_model.hpp loads what codes.
#pragma once

#include <filesystem>
#include <string>

#include "model/safetensors.hpp"
#include "nn/latent_statistics.hpp"
#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"

namespace vaec::nn {

// Writes g_a, g_s, h_a (float16), the gains (float32), the integer h_s, and of `statistics` (fitted) all
// frequency tables, what chooses among them, and the integer g_s that is made for their latents; without any those of
// nothing added, and of made pictures. `card` is JSON text. Throws Error kWrite.
void save_photo(TwoLevelVae& vae, const std::filesystem::path& file, const std::string& card,
                const LatentStatistics* statistics = nullptr);

// A trainable network that starts from a model's weights (fine-tuning), with more residual blocks and
// channels in g_a and g_s where `sizes` asks for them (0: the model's own). Throws Error kModel.
[[nodiscard]] TwoLevelVae trainable(const model::SafeTensors& file, const model::TransformSizes& sizes = {});

}  // namespace vaec::nn
