// What vaec sample draws from a Gaussian VAE.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/parts.hpp"
#include "vaec/image.hpp"

namespace vaec::cli {

// `count` pictures of z ~ N(0, I): what the model takes for likely.
[[nodiscard]] std::vector<Image> draw_from_prior(const codec::Generator& generator, int count,
                                                 std::uint64_t seed);

// `count` neighbours of a picture, z ~ N(mean, (spread * deviation)^2) of its posterior. What is drawn depends on nothing but
// the picture, the seed and `stream`, which tells pictures of one call apart.
[[nodiscard]] std::vector<Image> draw_neighbours(const codec::Generator& generator, const Image& picture,
                                                 int count, double spread, std::uint64_t seed,
                                                 std::uint32_t stream);

// `count` >= 2 pictures on the line between the means of two.
[[nodiscard]] std::vector<Image> interpolate(const codec::Generator& generator, const Image& from,
                                             const Image& to, int count);

// What each number of the latent does: it alone moves from -kTraverse to kTraverse, the others stay where `picture` has them,
// or at 0 (null). A row a number, those that change the picture most first, with the number's index; `count` pictures a row,
// with its value above.
inline constexpr double kTraverse = 3;
[[nodiscard]] Image traverse(const codec::Generator& generator, const Image* picture, int count);

}  // namespace vaec::cli
