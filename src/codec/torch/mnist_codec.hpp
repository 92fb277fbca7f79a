// The codec around the Gaussian VAE: quantized means, range-coded with tables of the discretized N(0, 1).
#pragma once

#include <memory>

#include "codec/latent_codec.hpp"
#include "model/safetensors.hpp"

namespace vaec::codec {

[[nodiscard]] std::unique_ptr<LatentCodec> make_mnist_codec(const model::SafeTensors& file);

}  // namespace vaec::codec
