// The largest pictures that a format can hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "vaec/error.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

// Throws Error kLimit. `extension` with its dot.
inline void check_sides(const Image& image, std::uint32_t largest, const std::string& extension) {
  if (std::max(image.width, image.height) <= largest) return;
  throw Error(ErrorCode::kLimit, std::to_string(image.width) + "x" + std::to_string(image.height) +
                                     " pixels do not fit into a " + extension + " file (at most " +
                                     std::to_string(largest) + " a side): choose another format");
}

}  // namespace vaec::image
