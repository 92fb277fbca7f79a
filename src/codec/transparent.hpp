// What stands where nothing is seen.
#pragma once

#include "vaec/image_view.hpp"

namespace vaec::codec {

// Whether some pixel is fully transparent.
[[nodiscard]] bool has_transparent(const ImageView& image);

// A copy of the picture's colours, with those of its fully transparent pixels replaced by a smooth
// continuation of the others: what is not seen then costs hardly a bit. (Pull-push: Gortler 1996, "The
// Lumigraph", section 3.4.)
[[nodiscard]] Image with_smooth_transparency(const ImageView& image);

}  // namespace vaec::codec
