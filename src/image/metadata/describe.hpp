// What a file says of its picture, made good: see image/parts.hpp. EXIF is exif.hpp's, XMP Exiv2's (xmp.hpp),
// profiles lcms2's (colour_profile.hpp).
#pragma once

#include <cstdint>

#include "image/format.hpp"
#include "image/parts.hpp"

namespace vaec::image {

[[nodiscard]] Description describe(Content& content, const ReadOptions& options);
[[nodiscard]] Metadata metadata_for_writing(const Image& image, std::uint32_t channels,
                                            const WriteOptions& options, Losses& losses);

}  // namespace vaec::image
