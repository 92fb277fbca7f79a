// Pictures made simpler, for what cannot hold them.
#pragma once

#include "vaec/image.hpp"

namespace vaec::image {

// Of 8 bits; one that is stays as it is.
[[nodiscard]] Image with_8_bits(Image image);

// Without alpha: on white.
[[nodiscard]] Image flattened(Image image);

}  // namespace vaec::image
