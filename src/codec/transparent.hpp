// What stands where nothing is seen.
#pragma once

#include "codec/exact_blocks.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// Whether some pixel is fully transparent.
[[nodiscard]] bool has_transparent(const ImageView& image);

// A copy of the picture's colours, with those of its fully transparent pixels, and of blocks that are kept exactly if
// there are any, replaced by a smooth continuation of the others: what is not seen then costs hardly a bit.
// (Pull-push: Gortler 1996, "The Lumigraph", section 3.4.)
[[nodiscard]] Image with_smooth_hidden(const ImageView& image, const BlockMask* exact = nullptr);

}  // namespace vaec::codec
