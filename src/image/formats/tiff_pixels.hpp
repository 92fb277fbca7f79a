// The pixels of a TIFF picture, whatever way they are stored.
#pragma once

#include <span>

#include "image/format.hpp"
#include "image/formats/tiff_file.hpp"
#include "image/formats/tiff_layout.hpp"

namespace vaec::image {

// Bytes that libtiff may allocate at once, and a strip or tile may have: more than any decoder of an honest
// file needs. Of the header alone without `layout`.
[[nodiscard]] std::uint64_t largest_tiff_allocation(std::span<const std::byte> file,
                                                    const TiffLayout* layout);

// Of the current directory, into `content`.image, and what there is to tell into `content`.notes. `icc`: of
// CMYK. Throws Error kUnreadable for data that are missing or damaged, unless that is allowed: then what is
// missing is 0.
void read_tiff_pixels(TiffFile& tiff, const TiffLayout& layout, std::span<const std::byte> file,
                      std::span<const std::byte> icc, const ReadOptions& options, Content& content);

}  // namespace vaec::image
