#pragma once

#include <cstddef>
#include <vector>

#include "image/format.hpp"

namespace vaec::image {

// Format::write of JPEG.
[[nodiscard]] std::vector<std::byte> write_jpeg(const Image& image, const Metadata& metadata,
                                                const WriteOptions& options, Losses& losses);

}  // namespace vaec::image
