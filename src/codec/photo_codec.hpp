// The codec around the two-level VAE: hyper-latent, integer hyper-synthesis, bands of range-coded latents.
#pragma once

#include <memory>

#include "codec/latent_codec.hpp"
#include "model/safetensors.hpp"

namespace vaec::codec {

[[nodiscard]] std::unique_ptr<LatentCodec> make_photo_codec(const model::SafeTensors& file,
                                                            Precision precision = Precision::kAuto);

}  // namespace vaec::codec
