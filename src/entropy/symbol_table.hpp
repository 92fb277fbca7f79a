// The tables that code the latent's symbols: what was counted when a model was made, and the logistic density
// as far as that does not reach.
#pragma once

#include <numbers>
#include <span>

#include "entropy/dependent_quantizer.hpp"
#include "entropy/gaussian.hpp"

namespace vaec::entropy {

// The scale s of a logistic density 1 / (1 + exp(-x / s)) over its standard deviation: sqrt(3) / pi.
inline constexpr double kLogisticScale = std::numbers::sqrt3 / std::numbers::pi;

// symbol_table() takes counts of the magnitudes 0..62, and last of all larger ones together.
inline constexpr std::size_t kCountedMagnitudes = 64;

// The symmetric table of integers of which `counts` tells how often each magnitude was met, and which are
// else expected to follow a logistic density of mean 0 and standard deviation `scale`, integrated over what is
// nearest to each symbol's value, as surely as if `expected` symbols had been met so. The narrowest support -K..K that
// leaves the escape a share below 2^-16, or else -4096..4096. Throws Error kModel unless scale and `expected`
// are positive and finite and the counts are kCountedMagnitudes numbers, finite and none negative.
[[nodiscard]] TableData symbol_table(std::span<const double> counts, double scale, double expected = 1000,
                                     Quantizer quantizer = Quantizer::kWhole);

}  // namespace vaec::entropy
