// Restoring with a Gaussian VAE: which z could be behind what is seen, and what does the model draw for it?
#pragma once

#include <memory>

#include "codec/parts.hpp"

namespace vaec::codec {

// Missing pixels are first imputed (Rezende 2014, "Stochastic Backpropagation and Approximate Inference in Deep
// Generative Models", on missing data): the picture is encoded and decoded, what is known put back, and so on. Several z
// around what that ends at then descend on the energy -log p(known pixels | z) - log p(z), which never asks the
// encoder about pixels that were made up; each drawn picture counts by the energy of its z. Noise: the same with the
// Gaussian likelihood of its standard deviation. Deterministic for one machine and number of threads. Throws Error
// kModel.
[[nodiscard]] std::unique_ptr<Restorer> make_mnist_restorer(const model::SafeTensors& file);

}  // namespace vaec::codec
