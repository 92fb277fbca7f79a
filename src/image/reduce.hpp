// Pictures made simpler, for what cannot hold them.
#pragma once

#include <cstdint>

#include "vaec/image.hpp"

namespace vaec::image {

// Of 8 bits; one that is stays as it is.
[[nodiscard]] Image with_8_bits(Image image);

// Without alpha: on white.
[[nodiscard]] Image flattened(Image image);

// Grey from RGB (the luma of BT.601, rounded), which leaves a grey picture that was stored as RGB as it was;
// RGB from grey.
[[nodiscard]] Image with_channels(Image image, std::uint32_t channels);

}  // namespace vaec::image
