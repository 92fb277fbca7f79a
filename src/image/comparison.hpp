// One picture as several codecs give it back, for comparison by eye.
#pragma once

#include <span>
#include <string>

#include "image/detail.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

struct ComparedImage {
  std::string caption;  // ASCII
  Image image;
};

// From left to right, each below its caption and above its `detail`, enlarged. All have the same size; needs
// at least one. RGB.
[[nodiscard]] Image comparison(std::span<const ComparedImage> images, const Rectangle& detail);

}  // namespace vaec::image
