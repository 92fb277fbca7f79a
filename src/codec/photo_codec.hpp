// The codec around the two-level VAE: hyper-latent, integer hyper-synthesis, bands of range-coded latents.
#pragma once

#include <memory>

#include "model/safetensors.hpp"
#include "vaec/codec.hpp"

namespace vaec::codec {

[[nodiscard]] std::unique_ptr<Codec> make_photo_codec(const model::SafeTensors& file,
                                                      Precision precision = Precision::kAuto);

}  // namespace vaec::codec
