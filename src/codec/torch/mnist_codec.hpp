// The codec around the Gaussian VAE: quantized means, range-coded with tables of the discretized N(0, 1).
#pragma once

#include <memory>

#include "model/safetensors.hpp"
#include "vaec/codec.hpp"

namespace vaec::codec {

[[nodiscard]] std::unique_ptr<Codec> make_mnist_codec(const model::SafeTensors& file);

}  // namespace vaec::codec
