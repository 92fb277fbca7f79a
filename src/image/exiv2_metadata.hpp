// What image/metadata.hpp says, done by Exiv2 itself: part of the module that links it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

[[nodiscard]] Metadata exiv2_read(std::span<const std::byte> file);
[[nodiscard]] std::vector<std::byte> exiv2_write(std::span<const std::byte> file, const Metadata& metadata);
// As in image/imgcodecs.hpp.
void exiv2_check_exif(std::span<const std::byte> exif);

}  // namespace vaec::image
