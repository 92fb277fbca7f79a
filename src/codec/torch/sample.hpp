// New images drawn from a generative model.
#pragma once

#include <cstdint>
#include <filesystem>

#include "vaec/image.hpp"

namespace vaec::codec {

// A grid of `count` images decoded from z ~ N(0, I), ceil(sqrt(count)) a row, with a border of 2 pixels.
// Computes on `threads` threads. Throws Error kModel for a model that cannot generate (only `mnist` can).
[[nodiscard]] Image sample(const std::filesystem::path& model, int count, std::uint64_t seed, int threads);

}  // namespace vaec::codec
