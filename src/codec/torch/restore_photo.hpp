// Restoring with a photo model: its transforms and its entropy model know which of two pictures is the likelier
// photograph, and so how to take noise off one.
#pragma once

#include <memory>

#include "codec/parts.hpp"

namespace vaec::codec {

// Noise: h_s predicts the mean and the scale of each latent of the noisy picture; what the scale has beyond the noise
// is the picture's own, and by its share the latent is drawn to the mean (Wiener's filter, with the entropy model's
// statistics). The quality is that at which an error costs as many bits as it makes the noise less likely. The mean
// over several positions of the grid of blocks has no blocks of its own (cycle spinning, Coifman & Donoho 1995).
// Missing pixels: the picture, at first with a smooth continuation of the known pixels, is denoised again and again as
// if it had less and less noise, and what is known put back each time (iterated denoising, Guleryuz 2006, "Nonlinear
// Approximation Based Image Recovery"). Gradient descent on the latent (codec/torch/refine.hpp) was slower and worse
// at both: docs/experiments.md.
// Deterministic for one machine and number of threads. Memory: some 600 MB, and 60 bytes a pixel. Throws Error kModel.
[[nodiscard]] std::unique_ptr<Restorer> make_photo_restorer(const model::SafeTensors& file);

}  // namespace vaec::codec
