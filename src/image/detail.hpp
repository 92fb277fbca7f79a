// The part of a picture that is looked at closely.
#pragma once

#include <cstdint>

#include "vaec/image.hpp"

namespace vaec::image {

struct Rectangle {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;

  [[nodiscard]] bool operator==(const Rectangle&) const = default;
};

// Each side of a detail is this part of the picture's: enlarged as often, it is as large as the picture.
inline constexpr std::uint32_t kDetailZoom = 4;

// A detail with its top left corner at (x, y), moved inside where it would stick out.
[[nodiscard]] Rectangle detail_at(const Image& image, std::uint32_t x, std::uint32_t y);

// The detail whose samples vary most (variance over all channels), on a grid of an eighth of its size.
[[nodiscard]] Rectangle busiest_detail(const Image& image);

// `part` of `image`, each sample repeated `zoom` times in both directions. `part` must be inside.
[[nodiscard]] Image enlarged(const Image& image, const Rectangle& part, std::uint32_t zoom = kDetailZoom);

}  // namespace vaec::image
