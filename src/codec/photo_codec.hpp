// The codec around the two-level VAE: hyper-latent, integer hyper-synthesis, bands of range-coded latents.
#pragma once

#include <memory>

#include "codec/latent_codec.hpp"
#include "infer/photo_model.hpp"
#include "model/safetensors.hpp"

namespace vaec::codec {

// `number`: what g_a computes in, kF32 or kBF16.
[[nodiscard]] std::unique_ptr<LatentCodec> make_photo_codec(
    const model::SafeTensors& file, infer::Number number = infer::fastest_analysis_number());

}  // namespace vaec::codec
