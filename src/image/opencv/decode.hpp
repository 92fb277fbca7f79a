// OpenCV's readers of picture files. Their exceptions end here.
#pragma once

#include <cstddef>
#include <span>

#include "image/format.hpp"

namespace vaec::image {

// The pixels of a file whose `header` makes sense and has been compared with the limits; a fourth channel
// becomes alpha if the header has that. Throws Error kUnreadable, std::bad_alloc.
[[nodiscard]] Image opencv_decode(std::span<const std::byte> file, const Header& header);

}  // namespace vaec::image
