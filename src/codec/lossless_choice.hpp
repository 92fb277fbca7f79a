// The plan for a picture, by looking at it.
#pragma once

#include "codec/lossless_plan.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

[[nodiscard]] LosslessPlan choose_plan(const ImageView& image);

}  // namespace vaec::codec
