// A photograph as a vector: statistics of its latent y over all positions.
#pragma once

#include <memory>

#include "codec/parts.hpp"

namespace vaec::codec {

// The quality whose gains the latent gets.
inline constexpr int kEmbeddingQuality = 50;

// Of y in rounding steps of quality 50, before rounding, over the grid of a position for each 16x16 pixels: the mean of each channel
// of the LF image (3), then the standard deviation of every channel (320), whatever the picture's size. Means of the others say next to
// nothing, since they are about 0 in all pictures. g_a computes in float32: the same on every machine but for the order of its
// sums. What is fully transparent is filled smoothly, as in coding; sides are padded to multiples of 16 by repeating the edge.
// Throws Error kModel.
[[nodiscard]] std::unique_ptr<Embedder> make_photo_embedder(const model::SafeTensors& file);

}  // namespace vaec::codec
