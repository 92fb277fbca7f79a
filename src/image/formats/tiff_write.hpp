#pragma once

#include <cstddef>
#include <vector>

#include "image/format.hpp"

namespace vaec::image {

// See Format::write. A TIFF file; BigTIFF where the picture would not fit.
[[nodiscard]] std::vector<std::byte> write_tiff(const Image& image, const Metadata& metadata,
                                                const WriteOptions& options, Losses& losses);

}  // namespace vaec::image
