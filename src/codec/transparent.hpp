// What stands where nothing is seen.
#pragma once

#include "vaec/image.hpp"

namespace vaec::codec {

// Whether some pixel is fully transparent.
[[nodiscard]] bool has_transparent(const Image& image);

// The picture with the colours of its fully transparent pixels replaced by a smooth continuation of the
// others: what is not seen then costs hardly a bit. (Pull-push: Gortler 1996, "The Lumigraph", section 3.4.)
[[nodiscard]] Image with_smooth_transparency(const Image& image);

}  // namespace vaec::codec
