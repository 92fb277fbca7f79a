// Pictures in a row, for comparison by eye.
#pragma once

#include <span>

#include "vaec/image.hpp"

namespace vaec::image {

// From left to right with a white gap between, tops aligned; grey if all are. Needs at least one picture.
[[nodiscard]] Image side_by_side(std::span<const Image> pictures, std::uint32_t gap = 8);

}  // namespace vaec::image
