// EXIF's orientation (Exif 2.32, 4.6.4, tag 274): how a stored picture is to be turned.
#pragma once

#include "vaec/image.hpp"

namespace vaec::image {

// Whether it swaps width and height.
[[nodiscard]] constexpr bool is_turned(int orientation) { return orientation >= 5 && orientation <= 8; }

// The picture as it is to be seen: `orientation` 1..8 undone, samples, alpha and resolution; any other value
// does nothing. Takes a second copy of the samples meanwhile.
[[nodiscard]] Image upright(Image image, int orientation);

}  // namespace vaec::image
