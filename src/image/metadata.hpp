// ICC profiles, EXIF and XMP of picture files, through Exiv2.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

// What `file`, a whole picture, holds of them. The pixels are taken to be turned upright by now: EXIF's and
// XMP's orientation becomes 1, and where it was another one, EXIF's thumbnail is left out.
// Throws Error kUnreadable if they are damaged or Exiv2 does not know the format.
[[nodiscard]] Metadata read_metadata(std::span<const std::byte> file);

// `file`, a whole PNG, JPEG, WebP or TIFF picture, with `metadata` added. Throws Error kWrite.
[[nodiscard]] std::vector<std::byte> with_metadata(std::span<const std::byte> file, const Metadata& metadata);

}  // namespace vaec::image
