// The two halves of a Gaussian VAE, apart.
#pragma once

#include <memory>

#include "codec/parts.hpp"

namespace vaec::codec {

// Throws Error kModel for a model that cannot generate pictures (only `mnist` can).
[[nodiscard]] std::unique_ptr<Generator> make_generator(const model::SafeTensors& file);

}  // namespace vaec::codec
